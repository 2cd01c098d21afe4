import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';

/** Names of the environment variables that `grantVend` gives to a function. */
export const CALLER_ENVIRONMENT = { tokenApiUrl: 'FISKIL_TOKEN_API_URL', credential: 'FISKIL_CREDENTIAL' } as const;

export const STAGE = 'v1';

/** The token API as its callers see it: the one of this stack, or of another. */
export interface ITokenVending {
  /** The API's base URL, which ends in `/v1/`. */
  readonly url: string;
  /**
   * Allows `grantee` to have tokens of one credential and to say that Fiskil refused one. A function of the stack also gets the
   * variables that the client library reads, `FISKIL_TOKEN_API_URL` and `FISKIL_CREDENTIAL`; its aliases and versions
   * have those of the function, so grant to that. With several credentials, name them to the client: the variable holds the first one.
   * @throws ConfigurationError if there cannot be such a credential
   */
  grantVend(grantee: IGrantable, credential?: string): Grant;
}

/** The two requests that a caller of one credential sends: `METHOD/path`, below the stage. */
export function requestsOf(credential: string): string[] {
  return [`GET/tokens/${credential}`, `POST/tokens/${credential}/rejections`];
}

/** Functions that have the variables: a grant of another credential must not change what their code gets without naming one. */
const told = new WeakSet<IGrantable>();

interface HasEnvironment extends IGrantable {
  addEnvironment(name: string, value: string): unknown;
}

/** By what it can do and not by its class, of which a project may hold two copies. */
function isFunction(grantee: IGrantable): grantee is HasEnvironment {
  return 'addEnvironment' in grantee;
}

/** `apiArn` is the API's ARN for execute-api, without a stage. */
export function grantVend(grantee: IGrantable, credential: string, apiArn: string, url: string): Grant {
  if (isFunction(grantee) && !told.has(grantee)) {
    told.add(grantee);
    grantee.addEnvironment(CALLER_ENVIRONMENT.tokenApiUrl, url);
    grantee.addEnvironment(CALLER_ENVIRONMENT.credential, credential);
  }
  return Grant.addToPrincipal({
    grantee,
    actions: ['execute-api:Invoke'],
    resourceArns: requestsOf(credential).map((request) => `${apiArn}/${STAGE}/${request}`),
  });
}
