import { ArnFormat, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

/** Frozen. CloudFormation makes a new AWSCURRENT whenever this text changes, and every pasted pair would be empty. It has both keys, so that the console
 * shows two rows to fill in.
 */
const EMPTY_PAIR = '{"client_id":"","client_secret":""}';

/** Where the pair of a credential is stored. */
export interface CredentialProps {
  /** An existing secret, or one that the app makes. If it has a KMS key, that is the secret's `encryptionKey`.
   * @default - a new secret named `<prefix>/<credential>`
   */
  readonly secret?: ISecret;
}

export interface CredentialSecretProps extends CredentialProps {
  /** The credential's name. */
  readonly credential: string;
  /** The first part of the secret's name. */
  readonly prefix: string;
  /** The key of a secret that the stack makes; undefined for the account's key `aws/secretsmanager`. */
  readonly encryptionKey: EncryptionKey | undefined;
}

/** The secret of one credential: a new one named `<prefix>/<credential>`, or an existing one. */
export class CredentialSecret extends Construct {
  readonly secret: ISecret;
  /** The secret's name, as the console shows it. */
  readonly secretName: string;
  /** The id that the function sends to Secrets Manager. */
  readonly secretId: string;
  /** The id of the secret for CloudFormation. */
  readonly resourceId: string;
  /** The ARN for policies. Nobody knows the last six characters of a new secret's ARN before the deploy, so it has wildcards there. */
  readonly secretArn: string;
  /** The ARN of its key; undefined for the account's key `aws/secretsmanager`. */
  readonly keyArn: string | undefined;

  constructor(scope: Construct, id: string, props: CredentialSecretProps) {
    super(scope, id);
    const { credential, prefix, secret: given, encryptionKey } = props;
    if (given) {
      this.secret = given;
      this.secretName = given.secretName;
      this.secretId = given.secretArn;
      this.resourceId = given.secretArn;
      this.secretArn = given.secretFullArn ?? `${given.secretArn}-??????`;
      this.keyArn = given.encryptionKey?.keyArn;
      return;
    }
    this.secretName = `${prefix}/${credential}`;
    this.secretId = this.secretName;
    this.secretArn = Stack.of(this).formatArn({
      service: 'secretsmanager',
      resource: 'secret',
      resourceName: `${this.secretName}-??????`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.keyArn = encryptionKey?.keyArn;
    const secret = new Secret(this, 'Secret', {
      secretName: this.secretName,
      description: `The Fiskil key pair of the credential ${credential}. Paste client_id and client_secret from the Fiskil Console here. Only the functions of the token vending stack need to read it.`,
      // This is not a secret: the deploy starts with it. Without a value the secret would get a random password.
      secretStringValue: SecretValue.unsafePlainText(EMPTY_PAIR),
      // Somebody pasted the pair by hand, and Fiskil shows it only once. After a failed create there is nothing to keep.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // Not with the property `encryptionKey`, which would add wildcard actions to the key's policy.
    if (this.keyArn) {
      (secret.node.defaultChild as CfnSecret).kmsKeyId = this.keyArn;
    }
    // A cast, because CDK's own types do not fit under `exactOptionalPropertyTypes`.
    this.secret = secret as ISecret;
    this.resourceId = secret.secretArn;
  }

  /** Denies the secret's value to everyone except these roles, also to administrators and the account's root user. Replaces an existing policy of the
   * secret.
   */
  denyValueToOthers(roleArns: readonly string[]): void {
    const statement = new PolicyStatement({
      sid: 'OnlyOperatorsAndFunctions',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      // A batch call needs this action too, for each secret in it.
      actions: ['secretsmanager:GetSecretValue'],
      // The secret itself, because a policy of a secret applies to nothing else.
      resources: ['*'],
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': [...roleArns] } },
    });
    new CfnResourcePolicy(this, 'Policy', {
      secretId: this.resourceId,
      resourcePolicy: new PolicyDocument({ statements: [statement] }),
      blockPublicPolicy: true,
    });
  }
}
