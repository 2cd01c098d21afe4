import { sharedToken } from './access';
import type { Check } from './check';
import { type CheckContext, poll } from './context';
import { FoundWrong, failed, ok } from './finding';
import { fieldsOf, linesWith } from './logs';

/** Milliseconds that a line may take to reach CloudWatch Logs. It usually takes some seconds. */
const LATEST = 60_000;
const PAUSE = 3_000;

/** Milliseconds that a clock of this machine may be ahead of AWS's. */
const SKEW = 5 * 60_000;

const audit: Check = {
  id: 'audit',
  async run(context) {
    const since = context.clock.now() - SKEW;
    const { requestId } = await sharedToken(context);
    if (!requestId) {
      return failed('The answer has no x-amzn-RequestId', 'check that --url is the API itself');
    }
    const me = await context.api.callerArn();
    const [{ logGroup }, accessLog] = [await context.stack.vendFunction(), await accessLogOf(context)];
    const find = async (group: string, what: string, id: string, arn: string): Promise<void> => {
      const found = await poll(context.clock, LATEST, PAUSE, async () => {
        const lines = await linesWith(context, { group, text: requestId, since });
        return lines.map(fieldsOf).find((fields) => fields?.[id] === requestId && arn in fields);
      });
      if (!found) {
        throw new FoundWrong(failed(`The request ${requestId} is not in ${what} (${group})`, TODO));
      }
      if (found[arn] === me) {
        return;
      }
      throw new FoundWrong(failed(`The request ${requestId} is in ${what} (${group}), but not as ${me}`, TODO));
    };
    await Promise.all([
      find(logGroup, "the function's log", 'request_id', 'caller_arn'),
      find(accessLog, 'the access log', 'requestId', 'userArn'),
    ]);
    return ok(`The request ${requestId} is in the function's log and in the access log, as ${me}`);
  },
};

export const auditChecks = [audit];

const TODO =
  'deploy the stack again, then look at the log settings of the function and of the stage, and at the row api-log-role';

/** The log group that the stage writes to, from the deployed template. */
async function accessLogOf({ stack }: CheckContext): Promise<string> {
  const template = await stack.template();
  const [stage] = template.ofType('AWS::ApiGateway::Stage').values();
  const { DestinationArn } = (stage?.AccessLogSetting ?? {}) as { DestinationArn?: unknown };
  const group = /:log-group:([^:]+)/.exec(String(template.resolve(DestinationArn)))?.[1];
  if (!group) {
    throw new FoundWrong(failed('The template has no access log', 'deploy the stack again'));
  }
  return group;
}
