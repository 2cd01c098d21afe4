import { ArnFormat, Fn, Stack, Token } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DEFAULTS } from './config';
import { refuse } from './config-values';
import { connect } from './connection';
import { credentialName } from './credentials';
import { grantVend, type ICallerFunction, type ITokenVending } from './vend-grant';

/** How a stack finds the token API of another stack. */
export interface TokenVendingAttributes {
  /** The output `TokenApiUrl` of the vending stack.
   * @default - the value of the SSM parameter when the caller's stack is deployed
   */
  readonly url?: string;
  /**
   * The name of the SSM parameter that holds the URL, in the account and region of the caller's stack.
   * @default - `/fiskil/token-api-url`, for the prefix `fiskil`
   */
  readonly urlParameterName?: string;
  /** The API's id. Needed, with `region`, for a URL with a custom domain or with only a VPC endpoint.
   * @default - the value in the URL's host name
   */
  readonly apiId?: string;
  /** The account of the vending stack. That stack must also name a caller of another account in `fiskil:callers`.
   * @default - the account of the caller's stack
   */
  readonly account?: string;
  /** The region of the vending stack.
   * @default - the value in the URL's host name
   */
  readonly region?: string;
}

/** The token API of another stack. */
export class ImportedTokenVending extends Construct implements ITokenVending {
  readonly url: string;
  private readonly apiArn: string;

  /** @throws ConfigurationError for an invalid attribute, and for a URL that does not name the API */
  constructor(scope: Construct, id: string, attributes: TokenVendingAttributes) {
    super(scope, id);
    const { apiId, region, account, url, urlParameterName = `/${DEFAULTS.prefix}/token-api-url` } = attributes;
    refuseWrong('apiId', apiId, /^[a-z0-9]+$/, "the API's id, the first part of its host name, such as abcde12345");
    refuseWrong('region', region, /^[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as ap-southeast-2');
    refuseWrong('account', account, /^\d{12}$/, 'an account id of 12 digits in quotes');
    this.url = url ?? StringParameter.valueForStringParameter(this, urlParameterName);
    const found = Token.isUnresolved(this.url) ? whenDeployed(this.url) : inUrl(this.url, Boolean(apiId && region));
    this.apiArn = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: apiId ?? found.apiId,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
      region: region ?? found.region,
      ...(account === undefined ? {} : { account }),
    });
  }

  grantVend(grantee: IGrantable, credential = 'default'): Grant {
    return grantVend(grantee, credentialName(credential, 'grantVend: the second argument'), this.apiArn);
  }

  connect(caller: ICallerFunction, credential = 'default'): Grant {
    return connect(this, caller, credential);
  }
}

interface ImportedApi {
  readonly apiId: string;
  readonly region: string;
}

/** https://ID.execute-api.REGION.amazonaws.com/v1/, or ID-vpce-… instead of ID for a VPC endpoint. CloudFormation splits the URL. */
function whenDeployed(url: string): ImportedApi {
  const label = (index: number) => Fn.select(index, Fn.split('.', Fn.select(2, Fn.split('/', url))));
  return { apiId: Fn.select(0, Fn.split('-', label(0))), region: label(2) };
}

/** @param isTold whether the attributes name the API, so that the host name need not */
function inUrl(text: string, isTold: boolean): ImportedApi {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'https:') {
    return refuse(
      'fromTokenVendingAttributes: url must be a complete https URL such as https://abcde12345.execute-api.ap-southeast-2.amazonaws.com/v1/.',
    );
  }
  const [, apiId, region] =
    /^([a-z0-9]+)(?:-vpce-[0-9a-f]+)?\.execute-api\.([a-z0-9-]+)\.(?!vpce\.)/.exec(url.hostname) ?? [];
  if (apiId && region) {
    return { apiId, region };
  }
  if (isTold) {
    return { apiId: '', region: '' };
  }
  return refuse(
    'fromTokenVendingAttributes: url does not name the API, as with a custom domain or with only a VPC endpoint: give apiId and region too.',
  );
}

function refuseWrong(name: string, value: string | undefined, pattern: RegExp, form: string): void {
  if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) {
    return;
  }
  refuse(`fromTokenVendingAttributes: ${name} must be ${form}.`);
}
