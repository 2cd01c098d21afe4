import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { callJson, owner } from './aws';
import { ACCOUNT, REGION } from './emulator';

export interface Rule {
  readonly Name: string;
  readonly ScheduleExpression: string;
  readonly State: string;
}

/** The function of a deployed stack and the schedule that invokes it, as their owner sees them. */
export class DeployedFunction {
  private readonly client: LambdaClient;

  constructor(
    private readonly endpoint: string,
    private readonly name: string,
  ) {
    this.client = new LambdaClient(owner(endpoint));
  }

  async logGroup(): Promise<string | undefined> {
    return (await this.configuration()).LoggingConfig?.LogGroup;
  }

  async roleArn(): Promise<string | undefined> {
    return (await this.configuration()).Role;
  }

  /** Every line that it has logged so far, Lambda's own included. */
  async logLines(): Promise<string[]> {
    const logGroupName = await this.logGroup();
    const lines: string[] = [];
    for (let startTime = 0; ; ) {
      const { events } = await callJson<LogPage>(this.endpoint, 'logs', 'Logs_20140328.FilterLogEvents', {
        logGroupName,
        startTime,
        limit: LARGEST_PAGE,
      });
      if (events.length < LARGEST_PAGE) return [...lines, ...events.map(({ message }) => message)];
      // The emulator cuts here and gives no token to go on with: the last millisecond may be cut, so it is asked for again.
      const last = events.at(-1)?.timestamp ?? 0;
      lines.push(...events.filter(({ timestamp }) => timestamp < last).map(({ message }) => message));
      startTime = last;
    }
  }

  /** How often it has run. (The emulator's metric leaves out what comes by the API, so this counts in the log.) */
  async invocations(): Promise<number> {
    return (await this.logLines()).filter((line) => line.startsWith('START RequestId')).length;
  }

  /** The rules that invoke it. */
  async rules(): Promise<Rule[]> {
    const TargetArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${this.name}`;
    const { RuleNames } = await this.events<{ RuleNames: string[] }>('ListRuleNamesByTarget', { TargetArn });
    return Promise.all(RuleNames.map((Name) => this.events<Rule>('DescribeRule', { Name })));
  }

  /** Ends the schedule, for tests that count what the function does. */
  async stopTicking(): Promise<void> {
    for (const { Name } of await this.rules()) await this.events('DisableRule', { Name });
  }

  /** Invokes it as the schedule does. Answers how it failed, if it did. */
  tick(): Promise<string | undefined> {
    return this.invoke({ source: 'aws.events', 'detail-type': 'Scheduled Event', detail: {} });
  }

  /** Answers with which message it failed, if it did. */
  async invoke(event: object): Promise<string | undefined> {
    const { FunctionError, Payload } = await this.client.send(
      new InvokeCommand({ FunctionName: this.name, Payload: JSON.stringify(event) }),
    );
    return FunctionError && (JSON.parse(Payload?.transformToString() ?? '{}').errorMessage ?? FunctionError);
  }

  private configuration() {
    return this.client.send(new GetFunctionConfigurationCommand({ FunctionName: this.name }));
  }

  private events<T>(operation: string, input: object): Promise<T> {
    return callJson(this.endpoint, 'events', `AWSEvents.${operation}`, input);
  }
}

/** Of CloudWatch Logs, and so of the emulator. */
const LARGEST_PAGE = 10_000;

interface LogPage {
  readonly events: readonly { readonly message: string; readonly timestamp: number }[];
}
