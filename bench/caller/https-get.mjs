import https from 'node:https';

/** The token of the answer, by Node's own client and on a connection of its own. */
export const tokenByHttps = (request) =>
  new Promise((resolve, reject) => {
    const sent = https.get({ ...request, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(JSON.parse(text).token));
    });
    sent.on('error', reject);
  });
