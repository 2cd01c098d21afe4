import { describe } from '@jest/globals';
import { MemoryStore } from '../../lambda/record/memory-store';
import { recordStoreContract } from './record-store.contract';

describe('the store in memory', () => {
  recordStoreContract(async () => {
    const store = new MemoryStore();
    return { store, remove: async (credential) => store.put(credential, undefined) };
  });
});
