import { ArnFormat, CfnResource, Duration, Names, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccessLogField,
  AccessLogFormat,
  AuthorizationType,
  CfnAccount,
  EndpointType,
  IpAddressType,
  LambdaIntegration,
  LogGroupLogDestination,
  MethodLoggingLevel,
  ResponseType,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import type { IVpcEndpoint } from 'aws-cdk-lib/aws-ec2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct, type IConstruct } from 'constructs';
import { type ApiAccess, apiPolicy } from './api-policy';
import type { Throttle } from './config';
import { GATEWAY_ANSWERS, GATEWAY_HEADERS, type GatewayCode, gatewayBody } from './gateway-answers';
import { type KeptLogs, keptLogGroup } from './kept-log-group';
import { STAGE } from './vend-grant';

export interface VendingApiProps extends Omit<ApiAccess, 'account' | 'vpcEndpointIds'> {
  /** The API answers only through these endpoints. Without any, it answers on the internet. */
  readonly vpcEndpoints: readonly IVpcEndpoint[];
  /** Answers every request. */
  readonly handler: IFunction;
  /** The stage's throttle. */
  readonly throttle: Throttle;
  readonly logs: KeptLogs;
  /** Whether to set the account-wide role with which API Gateway writes logs. */
  readonly apiGatewayLogRole: boolean;
}

/** The REST API: two methods, for signed requests only. */
export class VendingApi extends Construct {
  readonly api: RestApi;
  /** The base URL, which ends in `/v1/`. */
  readonly url: string;

  constructor(scope: Construct, id: string, props: VendingApiProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const { vpcEndpoints } = props;
    const vpcEndpointIds = vpcEndpoints.map(({ vpcEndpointId }) => vpcEndpointId);
    const policy = apiPolicy({ ...props, vpcEndpointIds, account: stack.account });
    const isPrivate = vpcEndpoints.length > 0;
    // One setting for all APIs of the account and region. A second setting in the stack would only replace the first.
    const account = props.apiGatewayLogRole ? accountIn(stack) : undefined;
    this.api = new RestApi(this, 'Api', {
      // CloudWatch separates APIs only by their names. Two APIs with one name would share their alarms.
      restApiName: `${stack.stackName}-${Names.uniqueId(this).slice(-8)}`,
      description: 'Gives short-lived Fiskil tokens to callers that IAM allows.',
      // A private API has no other address type. An API that becomes regional must set it explicitly:
      // https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-ip-address-type.html
      endpointConfiguration: {
        ipAddressType: IpAddressType.DUAL_STACK,
        ...(isPrivate
          ? { types: [EndpointType.PRIVATE], vpcEndpoints: [...vpcEndpoints] }
          : { types: [EndpointType.REGIONAL] }),
      },
      ...(policy ? { policy } : {}),
      // It stays when this stack is deleted, because another API may use it.
      cloudWatchRole: props.apiGatewayLogRole && !account,
      ...(props.apiGatewayLogRole && !account ? { cloudWatchRoleRemovalPolicy: RemovalPolicy.RETAIN } : {}),
      deployOptions: {
        stageName: STAGE,
        // AWS charges for metrics of each method. Those of the API are free, and alarms and graphs use only them.
        metricsEnabled: false,
        throttlingRateLimit: props.throttle.rate,
        throttlingBurstLimit: props.throttle.burst,
        // Bodies contain tokens, and messages of execution logs quote signed headers. The access log says who, what and why.
        dataTraceEnabled: false,
        loggingLevel: MethodLoggingLevel.OFF,
        accessLogDestination: new LogGroupLogDestination(keptLogGroup(this, 'AccessLogs', props.logs)),
        accessLogFormat: AccessLogFormat.custom(JSON.stringify(ACCESS_LOG)),
      },
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
      defaultIntegration: new LambdaIntegration(props.handler, {
        // The console's test button calls the function without IAM's check of the caller's role.
        allowTestInvoke: false,
        timeout: Duration.seconds(29),
      }),
    });
    if (account) {
      this.api.deploymentStage.node.addDependency(account);
    }
    // CDK's own output of the URL has a name with a hash. The stack has an output with a name that callers can rely on.
    this.api.node.tryRemoveChild('Endpoint');
    this.url = `https://${this.api.restApiId}.execute-api.${stack.region}.${stack.urlSuffix}/${STAGE}/`;

    const credential = this.api.root.addResource('tokens').addResource('{credential}');
    credential.addMethod('GET');
    credential.addResource('rejections').addMethod('POST');
    for (const [type, code] of GATEWAY_RESPONSES) {
      this.addAnswer(type, code);
    }
  }

  /** The API's ARN for policies about calls of it, without a stage. */
  get callArn(): string {
    const { restApiId: resource } = this.api;
    return Stack.of(this).formatArn({ service: 'execute-api', resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  }

  private addAnswer(type: ResponseType, code: GatewayCode): void {
    const { status, headers: own } = GATEWAY_ANSWERS[code];
    const headers = { ...GATEWAY_HEADERS, ...own };
    this.api.addGatewayResponse(type.responseType, {
      type,
      // A default with a status would give every answer that status.
      ...(code === 'gateway_error' ? {} : { statusCode: String(status) }),
      responseHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, `'${value}'`])),
      templates: { 'application/json': gatewayBody(code) },
    });
  }
}

/** The existing setting of the stack. */
function accountIn(stack: Stack): IConstruct | undefined {
  return stack.node
    .findAll()
    .find(
      (each) =>
        CfnResource.isCfnResource(each) &&
        each.cfnResourceType === CfnAccount.CFN_RESOURCE_TYPE_NAME &&
        each.stack === stack,
    );
}

const GATEWAY_RESPONSES: readonly (readonly [ResponseType, GatewayCode])[] = [
  [ResponseType.ACCESS_DENIED, 'access_denied'],
  [ResponseType.INVALID_SIGNATURE, 'signature_invalid'],
  [ResponseType.EXPIRED_TOKEN, 'signature_expired'],
  [ResponseType.MISSING_AUTHENTICATION_TOKEN, 'unsigned_or_unknown_route'],
  [ResponseType.THROTTLED, 'throttled'],
  [ResponseType.QUOTA_EXCEEDED, 'throttled'],
  // The gateway's answer if Lambda throttles the function. By default it is a 500 that looks like a fault.
  [ResponseType.INTEGRATION_FAILURE, 'function_busy'],
  [ResponseType.REQUEST_TOO_LARGE, 'payload_too_large'],
  [ResponseType.INTEGRATION_TIMEOUT, 'gateway_timeout'],
  [ResponseType.DEFAULT_4XX, 'gateway_error'],
  [ResponseType.DEFAULT_5XX, 'gateway_error'],
];

/** One line for each request, also for requests that never reach the function. It leaves out the user agent, because that text of the caller could forge
 * members, and the error's message, because that quotes headers of a signed request.
 */
const ACCESS_LOG = {
  requestId: AccessLogField.contextRequestId(),
  extendedRequestId: AccessLogField.contextExtendedRequestId(),
  requestTime: AccessLogField.contextRequestTime(),
  userArn: AccessLogField.contextIdentityUserArn(),
  user: AccessLogField.contextIdentityUser(),
  caller: AccessLogField.contextIdentityCaller(),
  accountId: AccessLogField.contextIdentityAccountId(),
  sourceIp: AccessLogField.contextIdentitySourceIp(),
  httpMethod: AccessLogField.contextHttpMethod(),
  resourcePath: AccessLogField.contextResourcePath(),
  path: AccessLogField.contextPath(),
  status: AccessLogField.contextStatus(),
  errorResponseType: AccessLogField.contextErrorResponseType(),
  integrationStatus: AccessLogField.contextIntegrationStatus(),
  responseLatency: AccessLogField.contextResponseLatency(),
  integrationLatency: AccessLogField.contextIntegrationLatency(),
};
