import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { EncryptionKey } from './encryption-key';

/** Every call on an item. Transactions need these too. A stream or a copy of the table is another resource: docs/operations.md. */
export const DATA_PLANE = [
  'dynamodb:BatchGetItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:ConditionCheckItem',
  'dynamodb:DeleteItem',
  'dynamodb:GetItem',
  'dynamodb:PartiQLDelete',
  'dynamodb:PartiQLInsert',
  'dynamodb:PartiQLSelect',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PutItem',
  'dynamodb:Query',
  'dynamodb:Scan',
  'dynamodb:UpdateItem',
];

/** The table with one record for each credential. It is a cache: a lost record costs one mint. So it needs no backup and does not stay when the stack is
 * deleted. Live tokens should not outlive it in a backup.
 */
export class TokenTable extends Construct {
  readonly table: Table;

  /** @param encryptionKey undefined for a key of AWS */
  constructor(
    scope: Construct,
    id: string,
    private readonly encryptionKey: EncryptionKey | undefined,
  ) {
    super(scope, id);
    this.table = new Table(this, 'Table', {
      partitionKey: { name: 'credential', type: AttributeType.STRING },
      timeToLiveAttribute: 'ttl',
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
      ...(encryptionKey
        ? { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: encryptionKey.key }
        : // Explicit, because a change back from a customer's key fails if it only removes the property (aws-cdk#8286).
          { encryption: TableEncryption.DEFAULT }),
    });
  }

  /**
   * Allows the two calls that the function makes: it never scans, and only TTL deletes. Denies every call on items to everyone else,
   * also to administrators and the account's root user. docs/operations.md says how to get access in an emergency.
   */
  grantUse(role: IRole): void {
    this.table.grant(role, 'dynamodb:GetItem', 'dynamodb:UpdateItem');
    this.encryptionKey?.grantTable(role);
    this.table.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheVendingFunction',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: DATA_PLANE,
        // The table itself. With its ARN here, the table would depend on itself.
        resources: ['*'],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } },
      }),
    );
  }
}
