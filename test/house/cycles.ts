/** A directed graph: what each node points to. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Finds the cycles of a graph: its strongly connected components of more than one node (Tarjan, 1972), each sorted. Nodes
 * that are pointed to and are no key of the graph point to nothing.
 */
export function cycles(graph: Graph): string[][] {
  const found: string[][] = [];
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];

  const visit = (node: string): number => {
    const number = order.size;
    let low = number;
    order.set(node, number);
    open.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) low = Math.min(low, visit(next));
      else if (open.includes(next)) low = Math.min(low, order.get(next) ?? low);
    }
    lowest.set(node, low);
    if (low === number) {
      const component = open.splice(open.indexOf(node));
      if (component.length > 1) found.push(component.sort());
    }
    return low;
  };

  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found.sort();
}
