import { DescribeStacksCommand, GetTemplateCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { parse } from 'yaml';
import { nameOf } from '../../lambda/aws/error-name';
import { refuse } from '../../lib/config-values';
import { pascalCase } from '../../lib/credentials';
import type { Clients } from './clients';
import { allowedBy, FoundWrong, failed, isDenied, once } from './finding';
import { type Place, type Resource, Template } from './template';

/** The deployed stack. It looks up facts that are not in its outputs when a check first needs them. */
export class Stack {
  /** What CloudFormation made, by type, logical id and physical id. */
  readonly resources = once(() => this.readResources());
  /** The template that is deployed. */
  readonly template = once(() => this.readTemplate());
  /** The function that vends, as it is configured now. */
  readonly vendFunction = once(() => this.readFunction('VendFunctionName'));
  /** The rotation function, as it is configured now. */
  readonly rotationFunction = once(() => this.readFunction('RotationFunctionName'));

  private constructor(
    readonly name: string,
    readonly place: Place,
    private readonly outputs: Readonly<Record<string, string>>,
    private readonly aws: Clients,
  ) {}

  /** @throws ConfigurationError with what is wrong and what to do. Without the outputs nothing can be checked. */
  static async find(aws: Clients, name: string, region: string): Promise<Stack> {
    const answer = await aws.cloudFormation
      .send(new DescribeStacksCommand({ StackName: name }))
      .catch((error: unknown) => refuse(whyNoStack(error, name, region)));
    const [found] = answer.Stacks ?? [];
    const [, partition = '', , ofStack = '', account = ''] = (found?.StackId ?? '').split(':');
    const outputs = Object.fromEntries(
      (found?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    if (!outputs.TokenApiUrl || !outputs.VendFunctionName || !outputs.TokenTableName) {
      return refuse(
        `The stack ${name} in ${region} does not have this project's outputs: name the right one with --stack.`,
      );
    }
    return new Stack(name, { partition, region: ofStack, account }, outputs, aws);
  }

  output(name: string): string | undefined {
    return this.outputs[name];
  }

  /** An output that every stack of this project has. */
  get tokenApiUrl(): string {
    return this.outputs.TokenApiUrl ?? '';
  }

  get tableName(): string {
    return this.outputs.TokenTableName ?? '';
  }

  secretName(credential: string): string | undefined {
    return this.outputs[`SecretName${pascalCase(credential)}`];
  }

  /** The names of all secrets. */
  get secretNames(): string[] {
    return Object.entries(this.outputs)
      .filter(([name]) => name.startsWith('SecretName'))
      .map(([, value]) => value);
  }

  arn(service: string, resource: string): string {
    const { partition, region, account } = this.place;
    return `arn:${partition}:${service}:${region}:${account}:${resource}`;
  }

  async ofType(type: string): Promise<Resource[]> {
    return (await this.resources()).filter((resource) => resource.type === type);
  }

  /** The API's id. The host of `--url` may not contain it. */
  get apiId(): string {
    return new URL(this.tokenApiUrl).hostname.split('.')[0] ?? '';
  }

  private async readResources(): Promise<readonly Resource[]> {
    const found: Resource[] = [];
    let next: string | undefined;
    do {
      const page = await allowedBy(
        'cloudformation:ListStackResources',
        this.aws.cloudFormation.send(new ListStackResourcesCommand({ StackName: this.name, NextToken: next })),
      );
      for (const {
        ResourceType,
        LogicalResourceId,
        PhysicalResourceId,
        ResourceStatus,
      } of page.StackResourceSummaries ?? []) {
        if (!ResourceType || !LogicalResourceId || !PhysicalResourceId || ResourceStatus === 'DELETE_COMPLETE') {
          continue;
        }
        found.push({ type: ResourceType, logicalId: LogicalResourceId, physicalId: PhysicalResourceId });
      }
      next = page.NextToken;
    } while (next);
    return found;
  }

  private async readTemplate(): Promise<Template> {
    const [{ TemplateBody = '' }, resources] = await Promise.all([
      allowedBy(
        'cloudformation:GetTemplate',
        this.aws.cloudFormation.send(new GetTemplateCommand({ StackName: this.name, TemplateStage: 'Processed' })),
      ),
      this.resources(),
    ]);
    // Parsed as YAML, which includes JSON, because CDK's command line sends either.
    return new Template(parse(TemplateBody), resources, this.place);
  }

  private async readFunction(output: string): Promise<FunctionSettings> {
    const name = this.outputs[output];
    const { Environment, LoggingConfig } = await allowedBy(
      'lambda:GetFunctionConfiguration',
      this.aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name })),
    );
    const logGroup = LoggingConfig?.LogGroup;
    if (!logGroup) {
      throw new FoundWrong(failed(`The function ${name} has no log group`, 'deploy the stack again'));
    }
    return { logGroup, variables: Environment?.Variables ?? {} };
  }
}

export interface FunctionSettings {
  readonly logGroup: string;
  readonly variables: Readonly<Record<string, string>>;
}

function whyNoStack(error: unknown, name: string, region: string): string {
  const kind = nameOf(error);
  if (isDenied(error)) {
    return `These AWS credentials may not read the stack ${name} in ${region}: allow cloudformation:DescribeStacks.`;
  }
  switch (kind) {
    case 'ValidationError':
      return `There is no stack ${name} in ${region}: deploy it, or name the stack with --stack and its region with --region.`;
    case 'ExpiredToken':
    case 'ExpiredTokenException':
    case 'InvalidClientTokenId':
    case 'SignatureDoesNotMatch':
    case 'UnrecognizedClientException':
      return `AWS refuses these credentials in ${region} (${kind}): get fresh ones, for example with aws sso login, and check this machine's clock.`;
    default:
      return `The stack ${name} in ${region} could not be read (${kind}): check the network and the region.`;
  }
}
