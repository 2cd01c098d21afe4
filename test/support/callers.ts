import { AttachRolePolicyCommand, CreateRoleCommand, IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { owner } from './aws';
import { ACCOUNT } from './emulator';
import type { Keys } from './signed-request';

/** What a workload may do: call some methods (by `execute-api` ARN), or what managed policies say. */
export interface Rights {
  readonly invoke?: readonly string[];
  readonly policyArns?: readonly string[];
}

/** Makes a role with these rights and no others, and answers the keys of a session of it. */
export async function assumeNewRole(endpoint: string, name: string, rights: Rights): Promise<Keys> {
  const iam = new IAMClient(owner(endpoint));
  const trust = statement({ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'sts:AssumeRole' });
  await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }));
  if (rights.invoke !== undefined) {
    const document = statement({ Action: 'execute-api:Invoke', Resource: rights.invoke });
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'call', PolicyDocument: document }));
  }
  for (const PolicyArn of rights.policyArns ?? []) {
    await iam.send(new AttachRolePolicyCommand({ RoleName: name, PolicyArn }));
  }
  const { Credentials: session } = await new STSClient(owner(endpoint)).send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, RoleSessionName: 'test' }),
  );
  if (!session?.AccessKeyId || !session.SecretAccessKey || !session.SessionToken)
    throw new Error(`no session of ${name}`);
  return {
    accessKeyId: session.AccessKeyId,
    secretAccessKey: session.SecretAccessKey,
    sessionToken: session.SessionToken,
  };
}

function statement(allowed: object): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', ...allowed }] });
}
