"""The intermediate representation: a typed graph of scalar expressions and bulk operators."""
