import type { ClientErrorCode, GatewayErrorCode, ServiceErrorCode, TokenVendingError } from '../client/errors';

type Code = ServiceErrorCode | GatewayErrorCode | ClientErrorCode;

/** The advice repeats no given name, because it may be a secret in the wrong place. */
const SECRET = "the credential's secret (the stack's outputs SecretName… name it, usually fiskil/default)";

const SEE_LOG =
  "look for this request id in the function's log (the stack output VendFunctionName names the function).";

/** What a person can do about each code. */
const ADVICE: Readonly<Record<Code, string>> = {
  invalid_request: 'this command and the deployed stack are of different releases: deploy the stack again.',
  unknown_credential:
    'give --credential a name that is in fiskil:credentials of the stack, or add the name there and deploy.',
  min_ttl_unattainable:
    'ask for less with --min-ttl: the most is two thirds of the life that Fiskil gives, 600 of the usual 900 seconds.',
  rejection_too_soon: 'wait until half a minute has passed since the last rejection.',
  credentials_rejected: `compare both values in ${SECRET} with the key in the Fiskil Console: are they complete, not swapped, and not revoked? Run this again after a correction.`,
  invalid_upstream_answer: `check that fiskil:tokenUrl is Fiskil's token endpoint; if it is, ${SEE_LOG}`,
  credential_not_configured: `open ${SECRET} in the Secrets Manager console, choose "Retrieve secret value", "Edit", paste both values, save, and run this again.`,
  upstream_unavailable: 'Fiskil does not answer the function at present: run this again in a minute.',
  upstream_throttled: 'Fiskil limits the requests at present: run this again later.',
  secret_unavailable: `the function cannot read ${SECRET}: check that its role, the secret's policy and the key's policy allow it; ${SEE_LOG}`,
  token_pending: 'run this again in a second.',
  internal_error: SEE_LOG,
  access_denied:
    'attach the policy of the stack output VendPolicyArn… for this credential to the role that you signed with (aws sts get-caller-identity shows it).',
  signature_invalid:
    "run aws sts get-caller-identity to see whether the credentials of this shell are valid, and check this machine's clock: AWS calls a stale signature invalid too. With npm start, use the keys that it printed, and unset AWS_PROFILE.",
  signature_expired: "get fresh AWS credentials, for example with aws sso login, and check this machine's clock.",
  unsigned_or_unknown_route: 'compare the URL with the stack output TokenApiUrl, which ends in /v1/.',
  throttled: 'run this again in a second; fiskil:throttle sets how many requests the API accepts.',
  function_busy:
    "run this again in a second; if that does not help, raise Lambda's quota of concurrent executions (README, Limits), and look at the alarm function-throttles.",
  payload_too_large: 'compare the URL with the stack output TokenApiUrl: no request of this command is large.',
  gateway_timeout: `run this again; if that does not help, ${SEE_LOG}`,
  gateway_error: `run this again; if that does not help, ${SEE_LOG}`,
  invalid_option: 'npm run vend -- --help shows the options.',
  no_credentials:
    'sign in (aws sso login, aws configure), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.',
  unreachable:
    'check the URL and the network: npm start must be running for a URL of this machine, and a private API answers inside its VPC only.',
  timeout: 'run this again; if that does not help, check the network and the URL.',
  invalid_answer: 'something other than the token API answered: compare the URL with the stack output TokenApiUrl.',
  origin_not_allowed: 'compare the URL with the stack output TokenApiUrl.',
};

/** What went wrong, what to do about it, and the request id to look for. */
export function advise(error: TokenVendingError): string {
  const advice = (ADVICE as Readonly<Record<string, string | undefined>>)[error.code] ?? SEE_LOG;
  return [
    error.message,
    `What to do: ${advice}`,
    ...(error.retryAfter === undefined ? [] : [`Try again after: ${error.retryAfter} s`]),
    ...(error.requestId === undefined ? [] : [`Request id: ${error.requestId}`]),
  ].join('\n');
}
