import type { Adopted } from './adopted';
import type { Configuration } from './config';
import { SAME_FORM } from './configured-props';
import type { TokenVendingProps } from './token-vending-props';

/** The resources in the properties that exist already, or that the app makes elsewhere. */
export function adoptedBy({ credentials = {}, alarmTopic }: TokenVendingProps): Adopted[] {
  const secrets = Object.entries(credentials).flatMap(([name, { secret }]) =>
    secret ? [{ key: `credentials.${name}.secret`, ...secret.env }] : [],
  );
  // Alarms can use topics of other accounts, but not of other regions.
  return alarmTopic ? [...secrets, { key: 'alarmTopic', ...alarmTopic.env, account: undefined }] : secrets;
}

/** The properties that the configuration has in the same form. The same checks apply to them. */
export function checkableProps(props: TokenVendingProps): Partial<Record<keyof Configuration, unknown>> {
  return {
    ...Object.fromEntries(SAME_FORM.map((name) => [name, props[name]])),
    // The check needs only the credentials' names.
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
