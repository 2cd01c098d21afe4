import type { Adopted } from './adopted';
import type { Configuration } from './config';
import { SAME_FORM } from './configured-props';
import type { TokenVendingProps } from './token-vending-props';

/** What of the properties exists already, or is made elsewhere in the app. */
export function adoptedBy({ credentials = {}, alarmTopic }: TokenVendingProps): Adopted[] {
  const secrets = Object.entries(credentials).flatMap(([name, { secret }]) =>
    secret ? [{ key: `credentials.${name}.secret`, ...secret.env }] : [],
  );
  // Alarms reach topics of other accounts, but of no other region.
  return alarmTopic ? [...secrets, { key: 'alarmTopic', ...alarmTopic.env, account: undefined }] : secrets;
}

/** What of the properties the app's configuration has in the same form: the same checks hold for it. */
export function written(props: TokenVendingProps): Partial<Record<keyof Configuration, unknown>> {
  return {
    ...Object.fromEntries(SAME_FORM.map((name) => [name, props[name]])),
    // Their names.
    credentials: props.credentials && eachOf(props.credentials, () => ({})),
    logRetentionDays: props.logRetention,
  };
}

/** The same names with other values. */
export function eachOf<T, U>(
  record: Readonly<Record<string, T>>,
  value: (each: T, name: string) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record).map(([name, each]) => [name, value(each, name)]));
}
