"""A SCIM filter as a SQL condition (RFC 7644 section 3.4.2.2). Rows are never filtered in Python.

Every comparison is true or false, so that `not` has its plain meaning. An absent value is not equal to any
value, so `ne` is true for it (DESIGN, wire 16). If a filter requires equality, a condition that uses an index
is added. This condition never changes the answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy import Boolean, and_, false, func, literal, not_, or_, select, true
from sqlalchemy import cast as sql_cast

from scim_server.protocol.attributes import JSON, Attribute, Mutability, ResourceType, Returned, Schema, Type
from scim_server.protocol.dialects import TOLERANT, Tolerances
from scim_server.protocol.errors import InvalidFilter
from scim_server.protocol.filter_tree import (
    And,
    AttributePath,
    Comparison,
    Filter,
    Literal,
    Not,
    Operator,
    Or,
    Present,
    ValuePath,
)
from scim_server.protocol.normalise import normalise
from scim_server.store.query import fields
from scim_server.store.query.comparisons import Condition, asked_for, compare, holds
from scim_server.store.query.fields import Searchable, Values
from scim_server.store.query.shapes import Place, Recorder, Sample
from scim_server.store.tables import Key


@dataclass(frozen=True, slots=True)
class Found:
    """The attribute to which a path in a filter refers."""

    schema: Schema
    attribute: Attribute
    sub: Attribute | None

    def __str__(self) -> str:
        return self.attribute.name if self.sub is None else f"{self.attribute.name}.{self.sub.name}"


@dataclass(frozen=True, slots=True)
class Compiler:
    """Compiles filters on one resource type for one kind of database.

    Attributes:
        resource_type: defines the attributes and how their values are compared.
        searchable: defines where the values are stored.
        dialect: `sqlite` or `postgresql`.
        base_url: the beginning of every URI of a resource.
        allowed: the active tolerances.
        recorder: records the places of texts, if the condition must also serve other filters.
    """

    resource_type: ResourceType
    searchable: Searchable
    dialect: str
    base_url: str = ""
    allowed: Tolerances = TOLERANT
    recorder: Recorder | None = None

    def compile(self, tree: Filter) -> Condition:
        """The condition on a row of the searchable table.

        Raises:
            InvalidFilter: an attribute does not exist, may not be searched, or does not allow the comparison
                or its operand.
        """
        match tree:
            case And(operands):
                return and_(*(self.compile(operand) for operand in operands))
            case Or(operands):
                return or_(*(self.compile(operand) for operand in operands))
            case Not(operand):
                return not_(_certain(self.compile(operand)))
            case ValuePath(path, inner):
                return self._value_path(path, inner)
            case Present(path):
                return self._present(path)
            case Comparison(path, operator, value):
                return self._comparison(path, operator, value)

    def find(self, path: AttributePath) -> Found:
        """The attribute to which a path refers.

        Raises:
            InvalidFilter: the attribute does not exist, or is never returned.
        """
        found = self.resource_type.resolve(path.urn, path.name)
        if found is None:
            raise InvalidFilter(f"{self.resource_type.name} has no attribute '{path}'.")
        schema, attribute = found
        if attribute.returned is Returned.NEVER:
            raise InvalidFilter(f"{attribute.name} is never returned and cannot be searched.")
        sub = attribute.sub(path.sub) if path.sub is not None else None
        if path.sub is not None and sub is None:
            names = ", ".join(row.name for row in attribute.sub_attributes) or "none"
            raise InvalidFilter(
                f"{attribute.name} has no sub-attribute '{path.sub}'. Its sub-attributes are: {names}."
            )
        return Found(schema, attribute, sub)

    def keys(self, found: Found) -> tuple[str, ...]:
        """The path of an attribute in the search document."""
        extension = () if found.schema is self.resource_type.schema else (found.schema.id.lower(),)
        return (*extension, found.attribute.name.lower())

    def _present(self, path: AttributePath) -> Condition:
        whole = self.resource_type.schema_of(f"{path.urn}:{path.name}") if path.urn and not path.sub else None
        if whole is not None:
            return self._has_schema(whole)
        found = self.find(path)
        if found.attribute.name == "schemas":
            return true()
        if found.attribute.name == "meta" and (
            found.sub is None or found.sub.name in ("resourceType", "location")
        ):
            return true()
        if found.attribute.multi_valued:
            test = _any if found.sub is None else lambda values, _row: values.is_not(None)
            return self._elements(found, lambda value_of: _one(value_of, found.sub, test))
        if found.attribute.type is Type.COMPLEX and found.sub is None:
            subs = found.attribute.sub_attributes
            return or_(*(self.single(replace(found, sub=sub)).is_not(None) for sub in subs))
        return self.single(found).is_not(None)

    def _comparison(self, path: AttributePath, operator: Operator, value: Literal) -> Condition:
        found = self.find(path)
        if value is None:
            present = self._present(path)
            return present if operator is Operator.NE else not_(_certain(present))
        if found.attribute.type is Type.COMPLEX and found.sub is None:
            # Entra compares members and manager directly. This means their sub-attribute `value`.
            default = found.attribute.sub("value")
            if default is None:
                raise InvalidFilter(f"{found} is complex. Use one of its sub-attributes.")
            found = replace(found, sub=default)
        row = found.sub or found.attribute
        constant = self._constant(found)
        if constant is not None:
            fixed = asked_for(row, operator, self._fixed(value), str(found), self.allowed)
            return true() if holds(operator, constant, fixed) else false()
        wanted = self._asked(row, operator, value, str(found))
        if not found.attribute.multi_valued:
            return self._with_index(
                found, operator, wanted, compare(self.single(found), operator, wanted, self.dialect)
            )
        condition = self._elements(
            found,
            lambda value_of: compare(value_of(found.sub or found.attribute), operator, wanted, self.dialect),
        )
        if operator is Operator.NE:
            return or_(condition, not_(_certain(self._elements(found, lambda _: true()))))
        return self._with_index(found, operator, wanted, condition)

    def _asked(self, row: Attribute, operator: Operator, value: Literal, name: str) -> JSON:
        """The operand at a place in the filter, or its placeholder while a statement is made."""
        found = asked_for(row, operator, value, name, self.allowed)
        if self.recorder is None or not isinstance(value, Sample):
            return found
        return self.recorder.stand_in(Place(value.number, row, operator, name), found)

    def _fixed(self, value: Literal) -> Literal:
        """A value that decides the form of the condition."""
        if self.recorder is not None and isinstance(value, Sample):
            self.recorder.fixed.add(value.number)
            return str(value)
        return value

    def _value_path(self, path: AttributePath, inner: Filter) -> Condition:
        found = self.find(path)
        if found.sub is not None or not (found.attribute.multi_valued or found.attribute.sub_attributes):
            raise InvalidFilter(f"{found} is a single simple value, so no filter in [ ] may follow it.")
        if found.attribute.multi_valued:
            condition = self._elements(found, lambda value_of: self._inside(found, value_of, inner))
        else:
            met = self._inside(found, partial(self._of_single, found), inner)
            condition = and_(self._present(path), met)
        for row, asked in self._required(found.attribute, inner):
            condition = self._with_index(replace(found, sub=row), Operator.EQ, asked, condition)
        return condition

    def _of_single(self, found: Found, row: Attribute) -> Values:
        """The condition for a sub-attribute of a single value."""
        one = replace(found, sub=row)
        constant = self._constant(one)
        return self.single(one) if constant is None else literal(constant, Key)

    def _inside(self, found: Found, value_of: Callable[[Attribute], Values], tree: Filter) -> Condition:
        match tree:
            case And(operands):
                return and_(*(self._inside(found, value_of, operand) for operand in operands))
            case Or(operands):
                return or_(*(self._inside(found, value_of, operand) for operand in operands))
            case Not(operand):
                return not_(_certain(self._inside(found, value_of, operand)))
            case Present(path):
                return value_of(_sub(found.attribute, path)).is_not(None)
            case Comparison(path, operator, value):
                row = _sub(found.attribute, path)
                if value is None:
                    absent = value_of(row).is_(None)
                    return not_(absent) if operator is Operator.NE else absent
                wanted = self._asked(row, operator, value, f"{found}.{row.name}")
                return compare(value_of(row), operator, wanted, self.dialect)
        raise InvalidFilter("A value path cannot contain another one.")

    def _required(self, attribute: Attribute, tree: Filter) -> Iterator[tuple[Attribute, JSON]]:
        """The values that an element must have to match the filter."""
        for part in tree.operands if isinstance(tree, And) else (tree,):
            if isinstance(part, Comparison) and part.operator is Operator.EQ and part.value is not None:
                row = _sub(attribute, part.path)
                yield row, self._asked(row, Operator.EQ, part.value, row.name)

    def _with_index(self, found: Found, operator: Operator, asked: JSON, condition: Condition) -> Condition:
        """Add a condition that uses an index. The original condition still decides."""
        name = found.attribute.name.lower()
        column, related = self._column(found), self.searchable.related.get(name)
        # A client that asks for changes since a time wants only the few resources that changed.
        since = operator in (Operator.GT, Operator.GE) and column is self.searchable.table.c.modified
        if (operator is not Operator.EQ and not since) or name == "schemas":
            return condition
        of_value = found.sub is not None and found.sub.name == "value" and isinstance(asked, str)
        if column is not None:
            # Without the hint, SQLite reads all people in order instead of sorting the one person that it
            # finds.
            hint = self.dialect == "sqlite" and not isinstance(column.type, Boolean)
            return func.unlikely(condition) if hint else condition
        if related is not None:
            # PostgreSQL turns the condition into a join without a hint.
            indexed = self.dialect == "sqlite" and of_value
            return and_(fields.belongs(self.searchable, related, asked), condition) if indexed else condition
        if name in self.searchable.indexed:
            return and_(fields.matched(name, str(asked)), condition) if of_value else condition
        if self.dialect == "sqlite":
            place = self.keys(found) if found.sub is None else (*self.keys(found), found.sub.name.lower())
            value = self.searchable.searched.get(place)
            return condition if value is None else and_(func.unlikely(value == asked), condition)
        content: JSON = asked if found.sub is None else {found.sub.name.lower(): asked}
        if found.attribute.multi_valued:
            content = [content]
        for key in reversed(self.keys(found)):
            content = {key: content}
        return and_(fields.contains(self.searchable, content), condition)

    def _column(self, found: Found) -> Values | None:
        name = str(found).lower()
        if found.schema is not self.resource_type.schema:
            name = f"{found.schema.id.lower()}:{name}"
        if name == "meta.location":
            return literal(f"{self.base_url}{self.resource_type.endpoint}/") + self.searchable.table.c.id
        reference = self.searchable.references.get(name)
        return self.searchable.columns.get(name) if reference is None else literal(self.base_url) + reference

    def single(self, found: Found) -> Values:
        """The value of a single-valued attribute."""
        column = self._column(found)
        if column is not None:
            return column
        sub = () if found.sub is None else (found.sub.name.lower(),)
        return fields.in_document(self.searchable, (*self.keys(found), *sub), found.sub or found.attribute)

    def _elements(
        self, found: Found, test: Callable[[Callable[[Attribute], Values]], Condition]
    ) -> Condition:
        """The condition that an element passes a test.

        The test gets a function from sub-attribute to value.
        """
        if found.attribute.name == "schemas":
            schemas = (self.resource_type.schema, *self.resource_type.extensions)
            return or_(*(and_(self._has_schema(one), test(partial(_urn, one))) for one in schemas))
        related = self.searchable.related.get(found.attribute.name.lower())
        if related is not None:

            def of_row(row: Attribute) -> Values:
                value = related.subs.get(row.name.lower(), sql_null())
                return literal(self.base_url) + value if row.name == "$ref" else value

            passed = test(of_row)
            rows = select(literal(1)).select_from(related.rows).where(related.belongs, passed)
            return rows.correlate(self.searchable.table).exists()
        table, element = fields.elements(self.searchable, self.keys(found), self.dialect)

        def value_of(row: Attribute) -> Values:
            key = None if row is found.attribute or not found.attribute.sub_attributes else row.name.lower()
            return fields.in_element(element, key, row, self.dialect)

        rows = select(literal(1)).select_from(table).where(test(value_of))
        return rows.correlate(self.searchable.table).exists()

    def _constant(self, found: Found) -> str | None:
        """The condition for attributes that every resource of the type has."""
        return self.resource_type.name if str(found) == "meta.resourceType" else None

    def _has_schema(self, schema: Schema) -> Condition:
        if schema is self.resource_type.schema or all(
            row.mutability is Mutability.READ_ONLY for row in schema.attributes
        ):
            return true()  # A value that the server sets is in every resource.
        return fields.has_key(self.searchable, schema.id.lower(), self.dialect)


def _urn(schema: Schema, schemas: Attribute) -> Values:
    """The URN of a schema as an element of the attribute `schemas`."""
    return literal(normalise(schemas, schema.id), Key)


def sql_null() -> Values:
    """A value that is absent from every row."""
    return sql_cast(literal(None), Key)


def _any(values: Values, _row: Attribute | None) -> Condition:
    return values.is_not(None)


def _one(
    value_of: Callable[[Attribute], Values],
    sub: Attribute | None,
    test: Callable[[Values, Attribute | None], Condition],
) -> Condition:
    return true() if sub is None else test(value_of(sub), sub)


def _certain(condition: Condition) -> Condition:
    """The condition, but false where SQL would return unknown."""
    return func.coalesce(condition, false())


def _sub(attribute: Attribute, path: AttributePath) -> Attribute:
    if not attribute.sub_attributes and path.name.lower() == "value":
        return attribute
    sub = attribute.sub(path.name) if path.urn is None and path.sub is None else None
    if sub is None:
        names = ", ".join(row.name for row in attribute.sub_attributes)
        raise InvalidFilter(
            f"{attribute.name} has no sub-attribute '{path}'. Its sub-attributes are: {names}."
        )
    return sub
