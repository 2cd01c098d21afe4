import { ArnFormat, Fn, Stack } from 'aws-cdk-lib';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { DEFAULTS } from './config';
import { connect, type ICallerFunction } from './connection';
import { credentialName } from './credentials';
import { grantVend, type ITokenVending } from './vend-grant';

/** How a stack finds the token API of another one. */
export interface TokenVendingAttributes {
  /**
   * The output `TokenApiUrl` of the stack that vends.
   * @default - the value that the SSM parameter has when the caller's stack is deployed
   */
  readonly url?: string;
  /**
   * The name of the SSM parameter that holds the URL, in the account and region of the caller's stack.
   * @default - `/fiskil/token-api-url`, which the prefix `fiskil` gives
   */
  readonly urlParameterName?: string;
  /**
   * The API's id.
   * @default - the first label of the URL's host name
   */
  readonly apiId?: string;
  /**
   * The account of the stack that vends. It must name a caller of another account in `fiskil:callers` as well.
   * @default - that of the caller's stack
   */
  readonly account?: string;
  /**
   * The region of the stack that vends.
   * @default - the one that the URL's host name says
   */
  readonly region?: string;
}

/** The token API of another stack. */
export class ImportedTokenVending extends Construct implements ITokenVending {
  readonly url: string;
  private readonly apiArn: string;

  constructor(scope: Construct, id: string, attributes: TokenVendingAttributes) {
    super(scope, id);
    const parameter = attributes.urlParameterName ?? `/${DEFAULTS.prefix}/token-api-url`;
    this.url = attributes.url ?? StringParameter.valueForStringParameter(this, parameter);
    // https://ID.execute-api.REGION.amazonaws.com/v1/, which may be known at deploy time only: so CloudFormation takes it apart.
    const label = (index: number) => Fn.select(index, Fn.split('.', Fn.select(2, Fn.split('/', this.url))));
    this.apiArn = Stack.of(this).formatArn({
      service: 'execute-api',
      resource: attributes.apiId ?? label(0),
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
      region: attributes.region ?? label(2),
      ...(attributes.account === undefined ? {} : { account: attributes.account }),
    });
  }

  grantVend(grantee: IGrantable, credential = 'default'): Grant {
    return grantVend(grantee, credentialName(credential, 'grantVend: the second argument'), this.apiArn);
  }

  connect(caller: ICallerFunction, credential = 'default'): Grant {
    return connect(this, caller, credential);
  }
}
