import { describe, expect, test } from '@jest/globals';
import { GATEWAY_ANSWERS, type GatewayCode } from '../../lib/gateway-answers';
import { logsOf, resources, rotationFunction, theOnly, vendFunction } from '../support/resources';
import { synthesised } from './synth';

const template = synthesised();

test('the two routes of the API are there, each needs IAM and goes to the function', () => {
  const resources = template.findResources('AWS::ApiGateway::Resource');
  const path = (ref: { Ref?: string }): string => {
    const found = ref.Ref ? resources[ref.Ref] : undefined;
    return found ? `${path(found.Properties.ParentId)}/${found.Properties.PathPart}` : '';
  };
  const methods = Object.values(template.findResources('AWS::ApiGateway::Method')).map(({ Properties: method }) => ({
    route: `${method.HttpMethod} ${path(method.ResourceId)}`,
    authorization: method.AuthorizationType,
    integration: method.Integration.Type,
    timeout: method.Integration.TimeoutInMillis,
  }));
  const each = { authorization: 'AWS_IAM', integration: 'AWS_PROXY', timeout: 29_000 };
  expect(methods).toEqual([
    { route: 'GET /tokens/{credential}', ...each },
    { route: 'POST /tokens/{credential}/rejections', ...each },
  ]);
});

test('the API is regional: no edge cache stands between a caller and the signature check', () => {
  template.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { Types: ['REGIONAL'] } });
});

test('a private API can become regional again: both have the address type that API Gateway asks for then', () => {
  for (const each of [template, synthesised({ 'fiskil:vpcEndpointIds': ['vpce-0123456789abcdef0'] })]) {
    each.hasResourceProperties('AWS::ApiGateway::RestApi', { EndpointConfiguration: { IpAddressType: 'dualstack' } });
  }
});

describe('the stage', () => {
  const stage = theOnly(template, 'AWS::ApiGateway::Stage').Properties as {
    StageName: string;
    TracingEnabled?: boolean;
    MethodSettings: object[];
    AccessLogSetting: { DestinationArn: unknown; Format: string };
  };

  test('is v1, with data tracing, execution logs and the paid metrics off, for every method', () => {
    expect(stage.StageName).toBe('v1');
    expect(stage.TracingEnabled).toBeUndefined();
    expect(stage.MethodSettings).toEqual([
      {
        HttpMethod: '*',
        ResourcePath: '/*',
        DataTraceEnabled: false,
        LoggingLevel: 'OFF',
        MetricsEnabled: false,
        ThrottlingRateLimit: 50,
        ThrottlingBurstLimit: 100,
      },
    ]);
  });

  test('is throttled as configured', () => {
    synthesised({ 'fiskil:throttle': '{"rate":7.5,"burst":9}' }).hasResourceProperties('AWS::ApiGateway::Stage', {
      MethodSettings: [{ ThrottlingRateLimit: 7.5, ThrottlingBurstLimit: 9 }],
    });
  });

  test('logs each access as one line of JSON with the identity of the caller', () => {
    const ofFunctions = [vendFunction(template), rotationFunction(template)].map(logsOf);
    const [own, ...more] = resources(template, 'AWS::Logs::LogGroup').filter(({ id }) => !ofFunctions.includes(id));
    expect(more).toEqual([]);
    expect(stage.AccessLogSetting.DestinationArn).toEqual({ 'Fn::GetAtt': [own?.id, 'Arn'] });
    expect(stage.AccessLogSetting.Format).not.toContain('\n');
    expect(JSON.parse(stage.AccessLogSetting.Format)).toEqual({
      requestId: '$context.requestId',
      extendedRequestId: '$context.extendedRequestId',
      requestTime: '$context.requestTime',
      userArn: '$context.identity.userArn',
      user: '$context.identity.user',
      caller: '$context.identity.caller',
      accountId: '$context.identity.accountId',
      sourceIp: '$context.identity.sourceIp',
      httpMethod: '$context.httpMethod',
      resourcePath: '$context.resourcePath',
      path: '$context.path',
      status: '$context.status',
      errorResponseType: '$context.error.responseType',
      integrationStatus: '$context.integrationStatus',
      responseLatency: '$context.responseLatency',
      integrationLatency: '$context.integrationLatency',
    });
  });
});

describe("the account's role for API Gateway's logs", () => {
  test('is made first by default, and stays, since other APIs log by it', () => {
    const account = theOnly(template, 'AWS::ApiGateway::Account');
    expect(account.DeletionPolicy).toBe('Retain');
    template.hasResource('AWS::ApiGateway::Stage', { DependsOn: [account.id] });
    template.hasResource('AWS::IAM::Role', {
      Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'apigateway.amazonaws.com' } }] } },
      DeletionPolicy: 'Retain',
    });
  });

  test('is left alone where the account has one', () => {
    const without = synthesised({ 'fiskil:apiGatewayLogRole': 'false', 'fiskil:rotation': 'false' });
    without.resourceCountIs('AWS::ApiGateway::Account', 0);
    without.resourceCountIs('AWS::IAM::Role', 1);
  });
});

describe("the gateway's own answers", () => {
  const EXPECTED: Record<string, GatewayCode> = {
    ACCESS_DENIED: 'access_denied',
    INVALID_SIGNATURE: 'signature_invalid',
    EXPIRED_TOKEN: 'signature_expired',
    MISSING_AUTHENTICATION_TOKEN: 'unsigned_or_unknown_route',
    THROTTLED: 'throttled',
    QUOTA_EXCEEDED: 'throttled',
    INTEGRATION_FAILURE: 'function_busy',
    REQUEST_TOO_LARGE: 'payload_too_large',
    INTEGRATION_TIMEOUT: 'gateway_timeout',
    DEFAULT_4XX: 'gateway_error',
    DEFAULT_5XX: 'gateway_error',
  };
  const RETRIED: readonly GatewayCode[] = ['throttled', 'function_busy'];
  const answers = Object.values(template.findResources('AWS::ApiGateway::GatewayResponse')).map(
    (each) => each.Properties,
  );

  test('are these, with a default for every other', () => {
    expect(Object.fromEntries(answers.map((each) => [each.ResponseType, codeOf(each)]))).toEqual(EXPECTED);
  });

  test.each(Object.entries(EXPECTED))('%s is a problem that nobody stores', (type, code) => {
    const answer = answers.find((each) => each.ResponseType === type);
    const { title, detail } = GATEWAY_ANSWERS[code];
    expect(Object.keys(answer?.ResponseTemplates)).toEqual(['application/json']);
    // Exactly these members: a `status` would be wrong for the defaults, which answer with many.
    expect(JSON.parse(answer?.ResponseTemplates['application/json'])).toEqual({
      type: 'about:blank',
      title,
      code,
      detail,
    });
    expect(answer?.ResponseParameters).toEqual({
      'gatewayresponse.header.Content-Type': "'application/problem+json'",
      'gatewayresponse.header.Cache-Control': "'no-store'",
      'gatewayresponse.header.Pragma': "'no-cache'",
      ...(RETRIED.includes(code) ? { 'gatewayresponse.header.Retry-After': "'1'" } : {}),
    });
    // A default keeps the status that the gateway has.
    expect(answer?.StatusCode).toBe(code === 'gateway_error' ? undefined : String(GATEWAY_ANSWERS[code].status));
  });

  test('tell a Lambda that is throttled from a fault: 503, to be repeated after a second', () => {
    expect(answers.find((each) => each.ResponseType === 'INTEGRATION_FAILURE')).toMatchObject({
      StatusCode: '503',
      ResponseParameters: { 'gatewayresponse.header.Retry-After': "'1'" },
    });
  });

  test('quote nothing of the request: the message about a signature holds its headers', () => {
    for (const each of answers) expect(JSON.stringify(each.ResponseTemplates)).not.toContain('$');
  });

  const codeOf = (answer: { ResponseTemplates: Record<string, string> }) =>
    JSON.parse(answer.ResponseTemplates['application/json'] ?? '{}').code;
});
