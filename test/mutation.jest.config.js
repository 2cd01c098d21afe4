const { projects } = require('../jest.config.js');

/** The tests of the engine alone: what `npm run mutation` runs again and again. */
const unit = projects.find(({ displayName }) => displayName === 'unit');
module.exports = { ...unit, rootDir: '..', testMatch: ['<rootDir>/test/vending/**/*.test.ts'] };
