import { Annotations, ArnFormat, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  type IGrantable,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';

/** What a service does with a key to encrypt its data. */
const USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What administrators of the account may do, if their own policies allow it: everything except the direct use of the key. */
const ADMINISTER = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:DisableKeyRotation',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** The key of `fiskil:encryption=customer-managed`, or a key of the app. It encrypts the table, the secrets that the stack makes, and its log groups. Its
 * policy refers to none of them, because they would then depend on each other in a circle.
 */
export class EncryptionKey extends Construct {
  readonly keyArn: string;
  readonly key: IKey;

  /** @param given undefined for a new key */
  constructor(scope: Construct, id: string, given: IKey | undefined) {
    super(scope, id);
    this.key = given ?? this.newKey();
    this.keyArn = this.key.keyArn;
    if (given) {
      this.letUse(given);
    }
  }

  /** Adds what is missing to the policy of a key of the app. The owner of another key must change its policy. */
  private letUse(given: IKey): void {
    const added = this.uses().map((statement) => given.addToResourcePolicy(statement).statementAdded);
    if (added.includes(false)) {
      Annotations.of(this).addInfoV2(
        'fiskil:key-policy',
        'The policy of encryptionKey is not set by this app: docs/operations.md#a-key-of-your-own says what it must allow.',
      );
    }
  }

  private uses(): PolicyStatement[] {
    return [this.useThroughServices(), this.grantsForTheTable(), this.useByLogs()];
  }

  private newKey(): Key {
    return new Key(this, 'Key', {
      description: 'Encrypts the Fiskil secrets, the token table and the logs of the token vending stack.',
      enableKeyRotation: true,
      // The secrets and logs stay after the stack is deleted, and cannot be read without the key.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      policy: new PolicyDocument({
        statements: [this.administration(), ...this.uses()],
      }),
    });
  }

  /** Allows a function to use the key through the table. */
  grantTable({ grantPrincipal }: IGrantable): void {
    grantPrincipal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: USE,
        resources: [this.keyArn],
        conditions: { StringEquals: { 'kms:ViaService': this.host('dynamodb') } },
      }),
    );
  }

  private administration(): PolicyStatement {
    return this.statement({ actions: ADMINISTER });
  }

  /** For every principal with a policy for it, such as the people that paste the pair, but only through the two services. */
  private useThroughServices(): PolicyStatement {
    return this.statement({
      actions: USE,
      conditions: { StringEquals: { 'kms:ViaService': [this.host('secretsmanager'), this.host('dynamodb')] } },
    });
  }

  /** The principal that makes the table allows DynamoDB to use the key for its own work, such as the deletion of old records. */
  private grantsForTheTable(): PolicyStatement {
    return this.statement({
      actions: ['kms:CreateGrant'],
      conditions: {
        StringEquals: { 'kms:ViaService': this.host('dynamodb') },
        Bool: { 'kms:GrantIsForAWSResource': 'true' },
      },
    });
  }

  /** CloudFormation's names of log groups begin with the stack's name. */
  private useByLogs(): PolicyStatement {
    const stack = Stack.of(this);
    const groups = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `${stack.stackName}-*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    return this.statement({
      principals: [new ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: USE,
      conditions: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': groups } },
    });
  }

  private statement(props: ConstructorParameters<typeof PolicyStatement>[0]): PolicyStatement {
    // In a key's policy, the resource is the key itself.
    return new PolicyStatement({ principals: [new AccountRootPrincipal()], resources: ['*'], ...props });
  }

  private host(service: string): string {
    return `${service}.${Stack.of(this).region}.${Stack.of(this).urlSuffix}`;
  }
}
