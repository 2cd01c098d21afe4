/** Credential name → id of its secret, in fewer characters. A function's variables have 4,096 bytes, and a hundred ids need twice as many. The short form
 * stores the common parts of ids once, under two keys that cannot be names of credentials. An id that begins with such a key contains that part: `:` is
 * an ARN's part before the name, and `*` is the prefix and the credential's own name. No secret's name contains either character.
 */
const HEAD = ':';
const NAME = '*';

/** Answers the same in fewer characters. */
export function shortened(ids: Readonly<Record<string, string>>): Record<string, string> {
  const head = Object.values(ids).flatMap((id) => /^arn:[^:]+:secretsmanager:[^:]+:[^:]+:secret:/.exec(id) ?? [])[0];
  const bodies = Object.entries(ids).map(([credential, id]) => {
    const isUnderHead = head !== undefined && id.startsWith(head);
    return { credential, mark: isUnderHead ? HEAD : '', body: isUnderHead ? id.slice(head.length) : id };
  });
  const prefix = bodies.flatMap(({ credential, body }) => {
    const at = body.search(new RegExp(`/${credential}(-.{6})?$`));
    return at < 0 ? [] : [body.slice(0, at + 1)];
  })[0];
  const short = bodies.map(({ credential, mark, body }) => {
    const whole = `${prefix}${credential}`;
    return [credential, mark + (prefix && body.startsWith(whole) ? NAME + body.slice(whole.length) : body)];
  });
  return { ...(head && { [HEAD]: head }), ...(prefix && { [NAME]: prefix }), ...Object.fromEntries(short) };
}

/** The reverse of `shortened`. Ids that were not shortened stay as they are. */
export function complete(short: Readonly<Record<string, string>>): Record<string, string> {
  const { [HEAD]: head = '', [NAME]: prefix = '', ...ids } = short;
  return Object.fromEntries(
    Object.entries(ids).map(([credential, id]) => {
      const isUnderHead = id.startsWith(HEAD);
      const body = isUnderHead ? id.slice(HEAD.length) : id;
      const whole = body.startsWith(NAME) ? `${prefix}${credential}${body.slice(NAME.length)}` : body;
      return [credential, `${isUnderHead ? head : ''}${whole}`];
    }),
  );
}
