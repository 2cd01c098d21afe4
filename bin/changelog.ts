/** The heading in CHANGELOG.md that `npm run release` reads and changes. */
const UNRELEASED = /^## (\d+\.\d+\.\d+) \(unreleased\)$/m;

/** The command cannot make a release. The message is for a person. */
export class ReleaseError extends Error {
  override readonly name = 'ReleaseError';
}

/** The next version, and the changelog with `date` instead of "unreleased". */
export function release(changelog: string, date: string): { readonly version: string; readonly changelog: string } {
  const version = UNRELEASED.exec(changelog)?.[1];
  if (version === undefined) {
    throw new ReleaseError(
      'CHANGELOG.md has no heading such as "## 0.2.0 (unreleased)": add one, with the changes under it.',
    );
  }
  if (textUnder(`## ${version} (unreleased)`, changelog) === '') {
    throw new ReleaseError(
      `CHANGELOG.md says nothing under "## ${version} (unreleased)": write what users will notice.`,
    );
  }
  return { version, changelog: changelog.replace(UNRELEASED, `## ${version} (${date})`) };
}

/** What the changelog says about one version. The version must have a date. */
export function notes(changelog: string, version: string): string {
  const heading = changelog.match(/^## .*\(\d{4}-\d\d-\d\d\)$/gm)?.find((line) => line.startsWith(`## ${version} (`));
  const text = heading && textUnder(heading, changelog);
  if (!text) {
    throw new ReleaseError(`CHANGELOG.md says nothing about ${version} under a heading with a date.`);
  }
  return `${text}\n`;
}

function textUnder(heading: string, changelog: string): string {
  const section = changelog.split(/^(?=## )/m).find((text) => text.startsWith(`${heading}\n`));
  return section?.slice(heading.length).trim() ?? '';
}
