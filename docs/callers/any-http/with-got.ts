import got from 'got';
import { callFiskil } from './call-fiskil';

const fiskil = process.env.FISKIL_ORIGIN ?? 'https://api.fiskil.com';

function listEndUsers(): Promise<{ end_users: { id: string }[] }> {
  return callFiskil((authorization) => got(`${fiskil}/v1/end-users`, { headers: { authorization } }).json());
}

listEndUsers().then((found) => console.log(JSON.stringify(found)));
