import fc from 'fast-check';
import type { Scope, UnsignedRequest } from '../../client/sign';

/** The key pair and the date of AWS's examples. */
export const EXAMPLE_KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
export const EXAMPLE_DATE = new Date('2015-08-30T12:36:00Z');

export interface Signable {
  readonly request: UnsignedRequest;
  readonly scope: Scope;
  /** The decoded names and values of its query, in order. */
  readonly query: readonly (readonly [name: string, value: string])[];
}

/** A text, and its form in a URL. */
interface Written {
  readonly text: string;
  readonly written: string;
}

// At most eight characters, because every signer in JavaScript fails with the name `__proto__`.
const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.constantFrom("*!()'", '+', ' ', '~', '%', '%2F', '=', '&', '/', '?', 'é', '[]|^', '', 'X-Amz-Date'),
);
const escaped = texts.map((text) => ({ text, written: encodeURIComponent(text) }));
const escapedInLowerCase = escaped.map(({ text, written }) => ({
  text,
  written: written.replace(/%../g, (encoded) => encoded.toLowerCase()),
}));
const bare = (...some: string[]): fc.Arbitrary<Written> =>
  fc.constantFrom(...some).map((text) => ({ text, written: text }));

const words = fc.oneof(escaped, escapedInLowerCase, bare("*!()'", 'a:b@c', '$,;', 'a+b', '~_-.'));
const segments = fc.oneof(words, bare('a=b&c'));
// Few names, so that some repeat, and some are the beginning of another.
const names = fc.oneof(words, bare('a', 'a-b', 'A', 'min_ttl'));

export const signableRequests: fc.Arbitrary<Signable> = fc
  .record({
    method: fc.constantFrom('GET', 'POST', 'PUT'),
    origin: fc.constantFrom('https://abc123.execute-api.ap-southeast-2.amazonaws.com', 'http://127.0.0.1:4010'),
    path: fc.array(segments, { maxLength: 4 }),
    // A parameter without a value may also have no equals sign.
    query: fc.array(fc.tuple(names, words, fc.boolean()), { maxLength: 5 }),
    body: fc.option(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 8 }), fc.uint8Array({ maxLength: 64 })), {
      nil: undefined,
    }),
    sessionToken: fc.option(fc.base64String({ minLength: 4 }), { nil: undefined }),
    region: fc.constantFrom('ap-southeast-2', 'cn-north-1'),
  })
  .map(({ method, origin, path, query, body, sessionToken, region }) => {
    const search = query.map(([name, value, bareName]) =>
      bareName && value.text === '' ? name.written : `${name.written}=${value.written}`,
    );
    const url = new URL(`${origin}/${path.map((segment) => segment.written).join('/')}?${search.join('&')}`);
    return {
      request: { method, url, body, headers: body === undefined ? {} : headersOf(body) },
      scope: { credentials: { ...EXAMPLE_KEYS, sessionToken }, region, service: 'execute-api', date: EXAMPLE_DATE },
      query: query
        .map(([name, value]) => [name.text, value.text] as const)
        // `?a&&b`: nothing between two ampersands is no parameter.
        .filter((_, index) => search[index] !== ''),
    };
  });

// Both headers, because aws4 adds a missing one.
function headersOf(body: string | Uint8Array): Record<string, string> {
  return { 'content-type': 'text/plain;  charset=utf-8', 'content-length': String(Buffer.byteLength(body)) };
}
