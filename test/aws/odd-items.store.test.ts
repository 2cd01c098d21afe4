import { afterAll, beforeAll, describe } from '@jest/globals';
import { type LocalTable, openLocalTable } from '../support/local-table';
import { oddItemsContract } from '../vending/odd-items.contract';

let table: LocalTable;
beforeAll(async () => {
  table = await openLocalTable();
});
afterAll(() => table.close());

describe('in DynamoDB, a record with', () => {
  oddItemsContract(async () => ({
    store: table.store,
    lay: (credential, item) => table.put({ ...item, credential: { S: credential } }),
  }));
});
