import { ArnFormat, RemovalPolicy, SecretValue, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnResourcePolicy, type CfnSecret, type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

/**
 * Frozen: CloudFormation makes a new AWSCURRENT whenever this text changes, which would empty every pasted pair.
 * Both keys are there so that the console shows two rows to fill in.
 */
const EMPTY_PAIR = '{"client_id":"","client_secret":""}';

/** Where the pair of a credential is kept. */
export interface CredentialProps {
  /**
   * A secret that exists already, or that the app makes. Its key, where it has one of KMS, is the secret's `encryptionKey`.
   * @default - a new secret named `<prefix>/<credential>`
   */
  readonly secret?: ISecret;
}

export interface CredentialSecretProps extends CredentialProps {
  /** The credential's name. */
  readonly credential: string;
  /** The first part of the secret's name. */
  readonly prefix: string;
  /** Of a secret that the stack makes; undefined: the account's key `aws/secretsmanager`. */
  readonly encryptionKey: EncryptionKey | undefined;
}

/** The secret of one credential: a new one named `<prefix>/<credential>`, or one that exists already. */
export class CredentialSecret extends Construct {
  readonly secret: ISecret;
  /** The secret's name, as the console shows it. */
  readonly secretName: string;
  /** What the function asks Secrets Manager for. */
  readonly secretId: string;
  /** What CloudFormation knows the secret by. */
  readonly resourceId: string;
  /** The ARN for policies. A secret that the stack makes has an ARN whose last six characters nobody knows beforehand. */
  readonly secretArn: string;
  /** Of the key that encrypts it; undefined: the account's key `aws/secretsmanager`. */
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
      // Not a secret: it is what the deploy starts with. Without a value the secret would get a random password.
      secretStringValue: SecretValue.unsafePlainText(EMPTY_PAIR),
      // Somebody pasted the pair by hand and Fiskil shows it only once; a create that failed has nothing worth keeping.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // Not by the property `encryptionKey`, which would add wildcard actions to the key's policy.
    if (this.keyArn) {
      (secret.node.defaultChild as CfnSecret).kmsKeyId = this.keyArn;
    }
    // Which CDK's own types refuse under `exactOptionalPropertyTypes`.
    this.secret = secret as ISecret;
    this.resourceId = secret.secretArn;
  }

  /**
   * Denies the secret's value to everyone but these roles, administrators and the account's root user included. A policy
   * that an existing secret has already is replaced.
   */
  denyValueToOthers(roleArns: readonly string[]): void {
    const statement = new PolicyStatement({
      sid: 'OnlyOperatorsAndFunctions',
      effect: Effect.DENY,
      principals: [new AnyPrincipal()],
      // A batch needs this one too, for each secret in it.
      actions: ['secretsmanager:GetSecretValue'],
      // The secret itself: a policy of a secret applies to nothing else.
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
