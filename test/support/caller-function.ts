import {
  DeleteRolePolicyCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
} from '@aws-sdk/client-iam';
import {
  type FunctionConfiguration,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  LambdaClient,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { owner } from './aws';
import { until } from './until';

export interface Invocation {
  /** What the function answered, or how it failed. */
  readonly answer: unknown;
  readonly failed: boolean;
}

/** The one function of a stack that calls the service, as its owner sees it. */
export class CallerFunction {
  private constructor(
    private readonly lambda: LambdaClient,
    private readonly iam: IAMClient,
    private readonly name: string,
    /** As it was deployed. */
    readonly variables: Readonly<Record<string, string>>,
    readonly roleArn: string,
  ) {}

  static async of(endpoint: string, stack: string): Promise<CallerFunction> {
    const lambda = new LambdaClient(owner(endpoint));
    const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
    const found = Functions.filter(({ FunctionName }) => FunctionName?.startsWith(`${stack}-`));
    const [{ FunctionName = '', Environment, Role = '' }] = found as [FunctionConfiguration];
    return new CallerFunction(lambda, new IAMClient(owner(endpoint)), FunctionName, Environment?.Variables ?? {}, Role);
  }

  /** Gives it these variables besides those that it was deployed with, and so a new environment. */
  async restart(variables: Readonly<Record<string, string>>): Promise<void> {
    const FunctionName = this.name;
    const Environment = { Variables: { ...this.variables, ...variables } };
    await this.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment }));
    await until('the new configuration', 10_000, async () => {
      const { LastUpdateStatus } = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      return LastUpdateStatus === 'Successful' ? true : undefined;
    });
  }

  async invoke(): Promise<Invocation> {
    const { FunctionError, Payload } = await this.lambda.send(new InvokeCommand({ FunctionName: this.name }));
    return { answer: JSON.parse(Payload?.transformToString() ?? 'null'), failed: FunctionError !== undefined };
  }

  /** The names of the managed policies that its role has. */
  async managedPolicies(): Promise<unknown[]> {
    const { AttachedPolicies = [] } = await this.iam.send(new ListAttachedRolePoliciesCommand(this.role));
    return AttachedPolicies.map(({ PolicyName }) => PolicyName);
  }

  /** The statements of its role's own policies. */
  async statements(): Promise<unknown[]> {
    const documents = await Promise.all(
      (await this.policyNames()).map(async (PolicyName) => {
        const { PolicyDocument = '' } = await this.iam.send(new GetRolePolicyCommand({ ...this.role, PolicyName }));
        return JSON.parse(decodeURIComponent(PolicyDocument)) as { Statement: unknown[] };
      }),
    );
    return documents.flatMap(({ Statement }) => Statement);
  }

  /** Takes its role's own policies away. */
  async deleteStatements(): Promise<void> {
    for (const PolicyName of await this.policyNames())
      await this.iam.send(new DeleteRolePolicyCommand({ ...this.role, PolicyName }));
  }

  private get role() {
    return { RoleName: this.roleArn.split('/').at(-1) };
  }

  private async policyNames(): Promise<string[]> {
    return (await this.iam.send(new ListRolePoliciesCommand(this.role))).PolicyNames ?? [];
  }
}
