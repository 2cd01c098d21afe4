import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The file beside each bundle. */
export const THIRD_PARTY_LICENSES = 'THIRD-PARTY-LICENSES.txt';

/** Licences that require no notice, so a package may come without their text. */
const WITHOUT_NOTICE = ['MIT-0', '0BSD'];

const RULE = '-'.repeat(80);

/** The licences and notices of the packages in a bundle. Each text appears once, under the packages that have it. The same bundle gives the same text.
 * @param root the folder that esbuild's paths start from
 * @throws Error for a package whose licence requires a notice that is missing
 */
export function thirdPartyLicenses(metafile: Metafile, root: string): string {
  const packagesOf = new Map<string, string[]>();
  for (const folder of packageFolders(metafile)) {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const text = licenseText(join(root, folder));
    if (text === '' && !WITHOUT_NOTICE.includes(license)) {
      throw new Error(`${name} ${version} (${license}) is bundled, and has no licence file to go with it.`);
    }
    const key = text || `${license}: the package has no licence file, and this licence asks for no notice.`;
    packagesOf.set(key, [...(packagesOf.get(key) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...packagesOf].map(([text, packages]) => `${[...packages, RULE, text].join('\n')}\n`);
  return ['The bundle beside this file holds parts of the packages below.\n', ...parts].join(`\n${RULE}\n`);
}

function packageFolders({ outputs }: Metafile): string[] {
  const sources = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const folders = sources.flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? (/^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []) : [],
  );
  return [...new Set(folders)].sort();
}

function licenseText(folder: string): string {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)\b/i.test(name));
  return files
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
    .join('\n\n');
}
