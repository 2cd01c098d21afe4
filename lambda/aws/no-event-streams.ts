/**
 * Stands in for `@smithy/core/event-streams` in the bundle, which the SDK imports only when an operation streams events:
 * none that is used here does. The bare mention of it makes a bundler keep 158 modules apart and run them one by one.
 */
export const EventStreamSerde = undefined;
export const eventStreamSerdeProvider = undefined;
