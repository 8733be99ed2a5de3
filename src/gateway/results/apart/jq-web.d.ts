/** jq-web comes without types. */
declare module 'jq-web'
