import type { FastifyInstance } from 'fastify'
import type { RouteTable } from '../route-table.ts'
import type { Serving } from '../serving.ts'
export function addDocs(_s: FastifyInstance, _v: Serving, _t: RouteTable): readonly string[] { return [] }
