/** Replaces `@smithy/core/event-streams` in the bundle. The SDK imports it only for operations that stream events, and the functions use none. The
 * import alone would make a bundler keep 158 modules apart and run them one by one.
 */
export const EventStreamSerde = undefined;
export const eventStreamSerdeProvider = undefined;
