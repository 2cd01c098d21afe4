import { LOCAL_KEY, startTokenApi } from '../../local/token-api';
import { REGION } from '../support/emulator';
import { Scene } from '../support/scene';
import setupEmulator from '../support/start-emulator';
import stopEmulator from '../support/stop-emulator';

/** A token API as a caller knows it. */
export interface Called {
  /** Nothing else is in the caller's environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly credential: string;
  stop(): Promise<void>;
}

/** Makes one for each signer: a rejection is heard once in 30 seconds. */
export interface TokenApi {
  readonly name: string;
  for(signer: string): Promise<Called>;
  stop(): Promise<void>;
}

export const localFront: TokenApi = {
  name: 'npm start',
  for: async () => {
    const api = await startTokenApi({ help: false, port: 0 }, () => {});
    return {
      env: {
        FISKIL_TOKEN_API_URL: api.url,
        AWS_REGION: LOCAL_KEY.region,
        AWS_ACCESS_KEY_ID: LOCAL_KEY.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_KEY.secretAccessKey,
      },
      credential: 'default',
      stop: () => api.stop(),
    };
  },
  stop: async () => {},
};

/** The stack, deployed with a credential for each signer. */
export async function deployedApi(signers: readonly string[]): Promise<TokenApi> {
  await setupEmulator();
  try {
    const scene = await Scene.set('Signers', signers);
    await Promise.all(signers.map((credential) => scene.configure(credential)));
    const { accessKeyId, secretAccessKey, sessionToken = '' } = scene.keys;
    return {
      name: 'the emulator',
      for: async (credential) => ({
        env: {
          FISKIL_TOKEN_API_URL: scene.deployed.url,
          FISKIL_CREDENTIAL: credential,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: accessKeyId,
          AWS_SECRET_ACCESS_KEY: secretAccessKey,
          AWS_SESSION_TOKEN: sessionToken,
        },
        credential,
        stop: async () => {},
      }),
      stop: async () => {
        await scene.end();
        await stopEmulator();
      },
    };
  } catch (error) {
    await stopEmulator();
    throw error;
  }
}
