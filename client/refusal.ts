import type { Instant } from './clock';
import { TokenVendingError } from './errors';
import type { Settings } from './options';
import { type Problem, readProblem, requestIdOf, retryAfterOf } from './token-api-answer';
import type { HttpAnswer } from './transport';

/** API Gateway accepts a signature within 5 minutes. A difference of less than one minute does not matter. */
const SKEW_WORTH_TELLING_S = 60;

/** The error for an answer other than 200. */
export function refusal(
  answer: HttpAnswer,
  settings: Settings,
  method: 'GET' | 'POST',
  sentAt: Instant,
): TokenVendingError {
  const problem = readProblem(answer);
  const code = problem.code ?? codeFor(answer.status);
  const facts = { status: answer.status, retryAfter: retryAfterOf(answer), requestId: requestIdOf(answer) };
  return new TokenVendingError(code, sentence(code, problem, answer, settings, method, sentAt), facts);
}

// For answers in another format: those of a firewall or a proxy, or of API Gateway before the stack configures its responses.
function codeFor(status: number): string {
  if (status === 403) {
    return 'access_denied';
  }
  if (status === 429) {
    return 'throttled';
  }
  if (status === 504) {
    return 'gateway_timeout';
  }
  return status >= 500 ? 'gateway_error' : 'invalid_answer';
}

function sentence(
  code: string,
  problem: Problem,
  answer: HttpAnswer,
  settings: Settings,
  method: 'GET' | 'POST',
  sentAt: Instant,
): string {
  if (answer.status !== 403) {
    return problem.detail ?? withoutOurShape(answer.status);
  }
  const hints: Record<string, string> = {
    signature_invalid: `the AWS credentials are not valid, or not for region ${settings.region}.`,
    signature_expired: 'the signature is too old or from the future, or the AWS credentials have expired.',
    unsigned_or_unknown_route: "is `url` the stack's output TokenApiUrl?",
  };
  const permission = `the caller's role needs execute-api:Invoke on ${arnOf(settings, method)}, and from another account also an entry in fiskil:callers.`;
  return `${hints[code] ?? permission}${skew(answer, sentAt)}`;
}

function withoutOurShape(status: number): string {
  if (status === 429) {
    return 'the API gets more requests than its throttle, or a firewall in front of it, allows (status 429).';
  }
  if (status >= 500) {
    return `API Gateway, or something else between here and the token service, answered ${status} and gave no reason.`;
  }
  return `the answer has status ${status}; is \`url\` the URL of the token API (output TokenApiUrl)?`;
}

function skew(answer: HttpAnswer, sentAt: Instant): string {
  const seconds = Math.round((sentAt.wall - Date.parse(answer.header('date') ?? '')) / 1000);
  if (!(Math.abs(seconds) > SKEW_WORTH_TELLING_S)) {
    return '';
  }
  const direction = seconds > 0 ? 'ahead of' : 'behind';
  return ` This machine's clock is ${Math.abs(seconds)} s ${direction} the service's: set it right first.`;
}

/** The resource that a policy must name. The URL of a custom domain shows neither the API's id nor its stage. */
function arnOf({ base, region, credential }: Settings, method: 'GET' | 'POST'): string {
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
  const api = /^([a-z0-9]+)(?:-vpce-[a-z0-9]+)?\.execute-api\./.exec(base.hostname)?.[1];
  const stage = api && base.pathname.split('/')[1];
  const path = method === 'GET' ? `tokens/${credential}` : `tokens/${credential}/rejections`;
  return `arn:${partition}:execute-api:${region}:*:${api ?? '*'}/${stage || '*'}/${method}/${path}`;
}
