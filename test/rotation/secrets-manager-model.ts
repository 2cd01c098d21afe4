import { RotationAbandoned } from '../../lambda/rotation/failure';
import type { SecretDescription, SecretValue, SecretVersions } from '../../lambda/rotation/steps';

interface Version {
  value?: SecretValue;
  readonly labels: Set<string>;
}

/**
 * What Secrets Manager's documentation leaves open: whether an edit in the console takes AWSPENDING off the version of a
 * rotation that is under way. (MiniStack leaves it. The code must be right either way.)
 */
export type EditRule = 'takes AWSPENDING' | 'leaves AWSPENDING';

/**
 * The versions and labels of one secret, by Secrets Manager's documented rules: PutSecretValue, UpdateSecretVersionStage
 * and RotateSecret of the API reference. test/rotation/versions.contract.ts says them one by one.
 */
export class SecretModel implements SecretVersions {
  isRotationEnabled = true;
  private readonly versions = new Map<string, Version>();
  private edits = 0;

  constructor(
    text: string | undefined,
    private readonly editRule: EditRule = 'takes AWSPENDING',
  ) {
    this.edit(text);
  }

  /**
   * PutSecretValue without labels: what saving in the console does. Answers the new version's id.
   * @param text undefined for a binary value
   */
  edit(text: string | undefined): string {
    const id = `edit-${++this.edits}`;
    this.versions.set(id, { value: text === undefined ? {} : { text }, labels: new Set() });
    this.makeCurrent(id);
    if (this.editRule === 'takes AWSPENDING') {
      this.move('AWSPENDING', undefined);
    }
    return id;
  }

  /** The first thing that RotateSecret does: a pending version without a value. */
  begin(token: string): void {
    if (!this.versions.has(token)) {
      this.versions.set(token, { labels: new Set() });
    }
    this.move('AWSPENDING', token);
  }

  /** The version that has a label. */
  labelled(label: string): string | undefined {
    return [...this.versions].find(([, { labels }]) => labels.has(label))?.[0];
  }

  text(version: string | undefined): string | undefined {
    return version === undefined ? undefined : this.versions.get(version)?.value?.text;
  }

  get currentText(): string | undefined {
    return this.text(this.labelled('AWSCURRENT'));
  }

  async describe(): Promise<SecretDescription> {
    // "Versions that don't have staging labels … are not included."
    const listed = [...this.versions].filter(([, { labels }]) => labels.size > 0);
    return {
      name: 'fiskil/default',
      isRotationEnabled: this.isRotationEnabled,
      labels: Object.fromEntries(listed.map(([id, { labels }]) => [id, [...labels]])),
    };
  }

  async read(_secretId: string, version: string): Promise<SecretValue | undefined> {
    return this.versions.get(version)?.value;
  }

  async fill(_secretId: string, version: string, text: string): Promise<void> {
    const found = this.versions.get(version);
    if (found?.value !== undefined) {
      // The same value: "succeeds but does nothing". Another one: ResourceExistsException.
      return;
    }
    this.versions.set(version, { value: { text }, labels: found?.labels ?? new Set() });
    this.move('AWSPENDING', version);
  }

  async promote(_secretId: string, version: string, from: string): Promise<void> {
    const current = this.labelled('AWSCURRENT');
    if (current === version) {
      return;
    }
    if (current !== from) {
      throw new RotationAbandoned();
    }
    this.makeCurrent(version);
  }

  async giveUp(_secretId: string, version: string): Promise<void> {
    this.versions.get(version)?.labels.delete('AWSPENDING');
  }

  private makeCurrent(version: string): void {
    // "Whenever you move AWSCURRENT, Secrets Manager automatically moves the label AWSPREVIOUS."
    this.move('AWSPREVIOUS', this.labelled('AWSCURRENT'));
    this.move('AWSCURRENT', version);
  }

  /** A label is attached to one version at a time. */
  private move(label: string, to: string | undefined): void {
    for (const { labels } of this.versions.values()) {
      labels.delete(label);
    }
    if (to !== undefined) {
      this.versions.get(to)?.labels.add(label);
    }
  }
}
