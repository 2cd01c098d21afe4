// As it is published: like the others, it is bundled once more.
import { createTokenProvider } from '../../dist/client/index.mjs';

const provider = createTokenProvider();
export const getToken = () => provider.getToken();
