import { Stack } from 'aws-cdk-lib';
import { type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { CredentialSecret } from './credential-secret';

interface Use {
  /** Actions of Secrets Manager, on the secret itself. */
  readonly actions: readonly string[];
  /** Actions on its key, if it has its own. */
  readonly keyActions: readonly string[];
}

/** What a vend needs. */
export const READ: Use = { actions: ['secretsmanager:GetSecretValue'], keyActions: ['kms:Decrypt'] };

/** What a rotation needs: to read the versions, to fill the pending one and to move the labels. */
export const ROTATE: Use = {
  actions: [
    'secretsmanager:DescribeSecret',
    'secretsmanager:GetSecretValue',
    'secretsmanager:PutSecretValue',
    'secretsmanager:UpdateSecretVersionStage',
  ],
  keyActions: ['kms:Decrypt', 'kms:GenerateDataKey'],
};

/** The number of secrets in one statement. A statement for each would need more policies than a role can have. One statement for all would be larger than
 * a managed policy; CDK puts statements there if the role has no room.
 */
const TOGETHER = 20;

/** Allows the use of each of these secrets, by its own ARN. */
export function grantOnSecrets(role: IRole, secrets: readonly CredentialSecret[], use: Use): void {
  for (const some of inParts(secrets)) {
    const resources = some.map(({ secretArn }) => secretArn);
    role.addToPrincipalPolicy(new PolicyStatement({ actions: [...use.actions], resources }));
  }
  for (const keyArn of new Set(secrets.map((secret) => secret.keyArn))) {
    if (keyArn === undefined) {
      continue;
    }
    for (const some of inParts(secrets.filter((secret) => secret.keyArn === keyArn))) {
      role.addToPrincipalPolicy(keyStatement(Stack.of(role), some, keyArn, use));
    }
  }
}

/** Allows only Secrets Manager to use the key for the function, and only for these secrets. */
function keyStatement(
  { region, urlSuffix }: Stack,
  secrets: readonly CredentialSecret[],
  keyArn: string,
  { keyActions }: Use,
): PolicyStatement {
  const arns = secrets.map(({ secretArn }) => secretArn);
  return new PolicyStatement({
    actions: [...keyActions],
    resources: [keyArn],
    conditions: {
      StringEquals: { 'kms:ViaService': `secretsmanager.${region}.${urlSuffix}` },
      // `StringLike`, because nobody knows the six characters at the end of the ARN before the deploy.
      StringLike: { 'kms:EncryptionContext:SecretARN': arns.length === 1 ? arns[0] : arns },
    },
  });
}

function inParts<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / TOGETHER) }, (_, part) =>
    all.slice(part * TOGETHER, (part + 1) * TOGETHER),
  );
}
