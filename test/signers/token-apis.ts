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
  /** Fiskil refuses from now on what it has issued for this credential. */
  revoke(): void;
  stop(): Promise<void>;
}

/** Gives each signer one of its own, or a credential of its own: a rejection is heard once in 30 seconds. */
export interface TokenApi {
  for(credential: string): Promise<Called>;
}

export const localFront: TokenApi = {
  for: async () => {
    const api = await startTokenApi({ help: false, port: 0 }, () => {});
    return {
      env: {
        FISKIL_TOKEN_API_URL: api.url,
        FISKIL_ORIGIN: api.standIn?.origin ?? '',
        AWS_REGION: LOCAL_KEY.region,
        AWS_ACCESS_KEY_ID: LOCAL_KEY.accessKeyId,
        AWS_SECRET_ACCESS_KEY: LOCAL_KEY.secretAccessKey,
      },
      credential: 'default',
      revoke: () => api.standIn?.revokeAll(),
      stop: () => api.stop(),
    };
  },
};

/** The stack, deployed with these credentials. */
export async function deployedApi(credentials: readonly string[]): Promise<TokenApi & { stop(): Promise<void> }> {
  await setupEmulator();
  let scene: Scene | undefined;
  const stop = async () => {
    await scene?.end();
    await stopEmulator();
  };
  try {
    scene = await Scene.set('Signers', credentials);
    const { deployed, keys, standIn } = scene;
    const mints = scene.mints.bind(scene);
    for (const credential of credentials) await scene.configure(credential);
    return {
      for: async (credential) => ({
        env: {
          FISKIL_TOKEN_API_URL: deployed.url,
          FISKIL_CREDENTIAL: credential,
          FISKIL_ORIGIN: standIn.origin,
          AWS_REGION: REGION,
          AWS_ACCESS_KEY_ID: keys.accessKeyId,
          AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
          AWS_SESSION_TOKEN: keys.sessionToken ?? '',
        },
        credential,
        revoke: () => {
          for (const { token } of mints(credential)) standIn.revoke(token);
        },
        stop: async () => {},
      }),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
