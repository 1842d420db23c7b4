/** The draft of a client that has no id yet. */
export const NEW_CLIENT = "new";
