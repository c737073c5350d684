export function job(age: object): Promise<unknown>;
