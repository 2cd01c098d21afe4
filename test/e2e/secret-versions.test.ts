import { randomUUID } from 'node:crypto';
import { SecretsManagerVersions } from '../../lambda/aws/secret-versions';
import { versionsContract } from '../rotation/versions.contract';
import { DeployedSecret } from '../support/deployed-secret';
import { emulatorEndpoint } from '../support/start-emulator';

versionsContract(
  'the emulator, through the SDK',
  async () => {
    const secret = await DeployedSecret.create(emulatorEndpoint(), 'first');
    return {
      secretId: secret.name,
      versions: new SecretsManagerVersions(secret.client),
      edit: (text) => secret.edit(text),
      begin: (token) => secret.begin(token),
      newToken: () => randomUUID(),
    };
  },
  {
    'filling again with another value keeps the first':
      'its PutSecretValue overwrites a version; AWS documents ResourceExistsException',
  },
);
