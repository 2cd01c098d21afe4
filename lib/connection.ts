import type { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { refuse } from './config-values';
import type { ICallerFunction, ITokenVending } from './vend-grant';

/** Names of the environment variables that the client library reads. Lambda sets the others that it needs. */
export const CALLER_ENVIRONMENT = { tokenApiUrl: 'FISKIL_TOKEN_API_URL', credential: 'FISKIL_CREDENTIAL' } as const;

const ID = 'FiskilTokens';

/** The connection of a function, stored in its own part of the construct tree. So the order of calls does not matter, and two apps share nothing. */
class Connection extends Construct {
  constructor(
    caller: ICallerFunction,
    readonly vending: ITokenVending,
    readonly credential: string,
  ) {
    super(caller, ID);
    caller.addEnvironment(CALLER_ENVIRONMENT.tokenApiUrl, vending.url);
    caller.addEnvironment(CALLER_ENVIRONMENT.credential, credential);
  }
}

/** Implements `ITokenVending.connect`. */
export function connect(vending: ITokenVending, caller: ICallerFunction, credential: string): Grant {
  const before = caller.node.tryFindChild(ID) as Connection | undefined;
  if (before && (before.vending !== vending || before.credential !== credential)) {
    refuse(
      'connect: this function is connected to another credential, and its variables hold only one: use grantVend for the others, and pass their names to the client.',
    );
  }
  const grant = vending.grantVend(caller, credential);
  if (!before) {
    new Connection(caller, vending, credential);
  }
  return grant;
}
