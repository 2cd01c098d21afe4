/** `getToken` with a signer of Smithy's family: this one, this hash, this way to send. */
export const getTokenWith = (SignatureV4, sha256, send) => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  const signer = new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    region: process.env.AWS_REGION,
    service: 'execute-api',
    sha256,
  });
  return async () => {
    const url = new URL(`${process.env.FISKIL_TOKEN_API_URL}tokens/default`);
    const { protocol, hostname, host, pathname: path } = url;
    const { headers } = await signer.sign({ method: 'GET', protocol, hostname, path, query: {}, headers: { host } });
    return send(url, headers);
  };
};
