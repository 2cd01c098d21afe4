import { describe } from '@jest/globals';
import { recordOf } from '../../lambda/aws/item';
import { MemoryStore } from '../../lambda/record/memory-store';
import { oddItemsContract } from './odd-items.contract';
import { bare } from './records';

describe('in memory, a record with', () => {
  oddItemsContract(async () => {
    const store = new MemoryStore();
    return {
      store,
      lay: async (credential, item) => store.put(credential, bare(recordOf(item))),
    };
  });
});
