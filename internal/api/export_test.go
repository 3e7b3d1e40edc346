package api

// ReadError is how the client reads an answer that is no success.
var ReadError = readError
