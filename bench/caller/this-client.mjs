import { createTokenProvider } from '../../client';

const provider = createTokenProvider();
export const getToken = () => provider.getToken();
