import axios from 'axios';
import { callFiskil } from './call-fiskil';

const fiskil = process.env.FISKIL_ORIGIN ?? 'https://api.fiskil.com';

async function listEndUsers(): Promise<{ end_users: { id: string }[] }> {
  const { data } = await callFiskil((authorization) =>
    axios.get(`${fiskil}/v1/end-users`, { headers: { authorization } }),
  );
  return data;
}

listEndUsers().then((found) => console.log(JSON.stringify(found)));
