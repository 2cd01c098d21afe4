/** The heading in CHANGELOG.md that `npm run release` reads and changes. */
const UNRELEASED = /^## (\d+\.\d+\.\d+) \(unreleased\)$/m;

/** The command cannot make a release. The message is one sentence for a person. */
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
  const dated = changelog.replace(UNRELEASED, `## ${version} (${date})`);
  // Throws if there is no text under the heading.
  notes(dated, version);
  return { version, changelog: dated };
}

/** What the changelog says about one version. */
export function notes(changelog: string, version: string): string {
  const sections = changelog.split(/^(?=## )/m);
  const section = sections.find((text) => text.startsWith(`## ${version} `));
  const text = section?.replace(/^.*\n/, '').trim();
  if (!text) {
    throw new ReleaseError(`CHANGELOG.md says nothing about ${version}.`);
  }
  return `${text}\n`;
}
