import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { warnOfShortTimeout } from './caller-timeout';

export const STAGE = 'v1';

/** A Lambda function of the app. Typed by its members and not by its class, because a project may contain two copies of the class. */
export interface ICallerFunction extends IGrantable, IConstruct {
  addEnvironment(name: string, value: string): unknown;
}

/** The token API for callers: that of this stack or of another. */
export interface ITokenVending extends IConstruct {
  /** The API's base URL, which ends in `/v1/`. */
  readonly url: string;
  /** Allows `grantee` to get tokens of one credential and to reject them. Adds only a policy.
   * @param credential by default "default"
   * @throws ConfigurationError if there cannot be such a credential
   */
  grantVend(grantee: IGrantable, credential?: string): Grant;
  /** Gives a function of the app everything to get tokens of one credential: `grantVend`, and the variables that the client library reads,
   * `FISKIL_TOKEN_API_URL` and `FISKIL_CREDENTIAL`. Aliases and versions use the function's variables, so connect the function itself. A function can
   * be connected to one credential. Use `grantVend` for the others, and pass their names to the client.
   * @param credential by default "default"
   * @throws ConfigurationError if there is no such credential, or the function is connected to another one
   */
  connect(caller: ICallerFunction, credential?: string): Grant;
}

/** The two requests that a caller of one credential sends: `METHOD/path`, below the stage. */
export function requestsOf(credential: string): string[] {
  return [`GET/tokens/${credential}`, `POST/tokens/${credential}/rejections`];
}

/** `apiArn` is the API's ARN for execute-api, without a stage. */
export function grantVend(grantee: IGrantable, credential: string, apiArn: string): Grant {
  warnOfShortTimeout(grantee);
  return Grant.addToPrincipal({
    grantee,
    actions: ['execute-api:Invoke'],
    resourceArns: requestsOf(credential).map((request) => `${apiArn}/${STAGE}/${request}`),
  });
}
