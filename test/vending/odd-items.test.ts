import { describe } from '@jest/globals';
import { recordOf } from '../../lambda/aws/item';
import { MemoryStore } from '../../lambda/record/memory-store';
import { oddItemsContract } from './odd-items.contract';

describe('in memory, a record with', () => {
  oddItemsContract(async () => {
    const store = new MemoryStore();
    return {
      store,
      lay: async (credential, item) => {
        const { stored: _own, ...record } = recordOf(item);
        store.put(credential, record);
      },
    };
  });
});
